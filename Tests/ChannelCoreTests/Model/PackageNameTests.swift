import ChannelCore
import Testing

/// CEP 26, by its own regular expressions.
@Suite struct PackageNameTests {
  @Test(
    arguments: [
      "a", "0", "7zip", "python", "_r-mutex", "_libgcc_mutex", "r-base", "ruamel.yaml",
      "zope.interface", "a-b_c.d", "a.", "a-", "a_", "_", "_-a", "_.a", "libboost_1.84", "x264",
      String(repeating: "a", count: 64),
    ])
  func `a name that the grammar makes is valid`(name: String) {
    #expect(PackageName.isValid(name))
  }

  @Test(arguments: [
    "", "A", "Python", "a b", "a--b", "a..b", "a__b", "a.-b", "__glibc", "-a", ".a", "a+b", "a/b",
    "a\\b", "a!b", "é", "a\u{301}", "a\n", "a\u{0}", " a", "a ", "٣", "a*",
    String(repeating: "a", count: 65), String(repeating: "é", count: 33),
  ])
  func `any other name is not`(name: String) {
    #expect(!PackageName.isValid(name))
  }

  @Test(arguments: [
    "0", "py312h1234567_0", "h1_2", "cuda_12.0", "A", "1.0+local", "_", ".", "+",
    String(repeating: "b", count: 64),
  ])
  func `a build of letters, digits, dots, underscores and pluses is valid`(build: String) {
    #expect(PackageName.isValidBuild(build))
  }

  @Test(arguments: [
    "", "a-b", "a b", "é", "a=b", "a*", "a/b", "a\u{0}", "Å", "\u{E1}", "@", "`", "[", "{",
    "\u{7F}",
    String(repeating: "b", count: 65),
  ])
  func `any other build is not`(build: String) {
    #expect(!PackageName.isValidBuild(build))
  }
}
