import Testing

@testable import ChannelCore

@Suite struct VersionRangeTests {
  @Test(
    arguments: [
      ("1.2", ["1.2", "1.2.0"], ["1.2.1", "1.20"]), ("==1.2", ["1.2"], ["1.2.1"]),
      ("=1.2", ["1.2", "1.2.9", "1.2rc1"], ["1.20", "1.3", "2!1.2"]),
      ("1.2.*", ["1.2", "1.2.9"], ["1.20", "1.3"]), ("1.2*", ["1.2.9"], ["1.3"]),
      ("=1.2.*", ["1.2.9"], ["1.3"]), ("*", ["1", "2!3"], []), ("=*", ["1"], []),
      ("!=1.2", ["1.3", "1.2.1"], ["1.2"]), ("!=1.2.*", ["1.3"], ["1.2.1"]),
      (">=1.2", ["1.2", "1.10"], ["1.1"]), (">1.2", ["1.2.1"], ["1.2"]),
      ("<2", ["1.9"], ["2", "2.0"]), ("<=2", ["2.0"], ["2.0.1"]), (">=1.2.*", ["1.3"], ["1.1"]),
      ("~=1.4.5", ["1.4.5", "1.4.9"], ["1.5", "1.4.4"]),
      (">=1,<2|3", ["1.5", "3"], ["2", "0.9", "3.1"]), (">=1,(<2|3)", ["1.5", "3"], ["2.5"]),
      (" >= 1 , < 2 ", ["1.5"], ["2"]), ("1.*.3", ["1.2.3"], []), ("^1.*$", ["2"], []),
      ("=1.2+a", ["1.2+a.1"], ["1.2", "1.2.1+a"]),
    ] as [(String, [String], [String])])
  func `a constraint holds for some versions and not for others`(
    constraint: String, inside: [String], outside: [String]
  ) throws {
    let range = try #require(VersionRange(constraint))
    for version in inside { #expect(try range.contains(#require(PackageVersion(version)))) }
    for version in outside { #expect(try !range.contains(#require(PackageVersion(version)))) }
  }

  @Test(arguments: ["", ">=", "1,", "(1", "1)", "~=1", "=>1", "a b|"])
  func `what is no constraint is refused`(text: String) {
    #expect(VersionRange(text) == nil)
  }

  @Test(
    arguments: [
      ("a", "0", true), ("a 1.0", "0", true), ("a 1.0 0", "0", true), ("a 1.0 1", "0", false),
      ("a 1.0 py*_0", "py27_0", true), ("a 1.0 py*_0", "py27_1", false),
      ("a * *_cpython", "3_cpython", true), ("a * *_cpython", "3_pypy", false),
      ("a[version='>2']", "0", false), ("a[build=py*]", "py27", true),
      ("a[build=py*]", "27", false), ("a >2", "0", false), ("a 1.0 ^x$", "0", true),
    ] as [(String, String, Bool)])
  func `a match spec is put to a version and a build`(
    text: String, build: String, matches: Bool
  ) throws {
    let matcher = MatchSpec.Matcher(try #require(MatchSpec(text)))
    let version = try #require(PackageVersion("1.0"))
    #expect(matcher.matches(version: version, build: build) == matches)
  }
}
