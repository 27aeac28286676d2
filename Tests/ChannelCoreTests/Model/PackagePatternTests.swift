import ChannelCore
import Testing

@Suite struct PackagePatternTests {
  private func matches(_ pattern: String, _ package: String) throws -> Bool {
    try #require(PackagePattern(pattern)).matches(try #require(PackageLocation(package)))
  }

  @Test(arguments: [
    ("numpy-1.0-py_0", "noarch/numpy-1.0-py_0.conda"),
    ("numpy-1.0-py_0", "linux-64/numpy-1.0-py_0.tar.bz2"),
    ("numpy-1.0-py_0.conda", "noarch/numpy-1.0-py_0.conda"),
    ("noarch/numpy-1.0-py_0", "noarch/numpy-1.0-py_0.conda"),
    ("*/numpy-*-*", "noarch/numpy-1.0-py_0.conda"),
    ("numpy=*", "noarch/numpy-1.0-py_0.conda"),
    ("numpy=1.*", "noarch/numpy-1.0-py_0.conda"),
    ("numpy==1", "noarch/numpy-1.0-py_0.conda"),
    ("numpy=1.0=py*", "noarch/numpy-1.0-py_0.conda"),
    ("python-dateutil-2.?-0", "noarch/python-dateutil-2.8-0.conda"),
    ("*-1.0-*", "noarch/a-1.0-0.conda"),
    ("linux-*/a=1", "linux-64/a-1-0.conda"),
  ])
  func `a pattern means the packages that it spells`(pattern: String, package: String) throws {
    #expect(try matches(pattern, package))
  }

  @Test(arguments: [
    ("numpy-*-*", "noarch/numpy-base-1.0-0.conda"),
    ("numpy=1.*", "noarch/numpy-base-1.0-0.conda"),
    ("numpy=1", "noarch/numpy-1.1-0.conda"),
    ("numpy-1.0-0.tar.bz2", "noarch/numpy-1.0-0.conda"),
    ("linux-64/numpy=*", "noarch/numpy-1.0-0.conda"),
    ("numpy=1.0=py*", "noarch/numpy-1.0-0.conda"),
    ("a=1", "noarch/A-1-0.conda"),
  ])
  func `a pattern means no other`(pattern: String, package: String) throws {
    #expect(try !matches(pattern, package))
  }

  @Test(arguments: ["numpy", "numpy-1.0", "", "/a-1-0", "a=b=c=d", "=1", "a/b/c-1-0", "a--0"])
  func `what could mean more than was meant is no pattern`(text: String) {
    #expect(PackagePattern(text) == nil)
  }
}
