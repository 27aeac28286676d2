import ChannelCore
import Testing

@Suite struct PackageVersionTests {
  /// Each older than the next, in the order that conda's own documentation and tests give.
  private static let order = [
    "0.4", "0.4.1a.vc11", "0.4.1.rc", "0.4.1.vc11", "0.4.1", "0.5a1", "0.5b3", "0.5C1",
    "0.5z", "0.5za", "0.5", "0.5_5", "0.9.6", "0.960923", "1.0", "1.0.4a3", "1.0.4b1", "1.0.4",
    "1.1dev1", "1.1_", "1.1a1", "1.1.dev1", "1.1.a1", "1.1.0rc1", "1.1", "1.1.post1", "1.1.1dev1",
    "1.1.1rc1", "1.1.1", "1.1.1post1", "1.1post1", "2g6", "2.0b1pr0", "2.2be.ta29", "2.2be5ta29",
    "2.2beta29", "2.2.0.1", "3.1.1.6", "3.2.p.r0", "3.2.pr0", "3.2.pr.1", "5.5.kw", "11g",
    "14.3.1", "14.3.1.post26.g9d75ca2", "1996.07.12", "1!0.4.1", "1!3.1.1.6", "2!0.4.1",
  ]

  /// OpenSSL's letters: without the underscore `1.0.1` would follow its own patches.
  private static let openSSLOrder = [
    "1.0.1dev", "1.0.1_", "1.0.1a", "1.0.1b", "1.0.1c", "1.0.1d", "1.0.1r", "1.0.1rc", "1.0.1rc1",
    "1.0.1rc2", "1.0.1s", "1.0.1", "1.0.1post.a", "1.0.1post.b", "1.0.1post.z", "1.0.1post.za",
    "1.0.2",
  ]

  private static let localOrder = [
    "1.0+a", "1.0", "1.0+0.1", "1.0+1", "1.0+1.1", "1.0+2", "1.0.1", "1.0.1+0.0.1", "1!0+1",
  ]

  @Test(arguments: [order, openSSLOrder, localOrder])
  func `versions have conda's order`(texts: [String]) throws {
    let versions = try texts.map { try #require(PackageVersion($0), "\($0)") }
    for (index, older) in versions.enumerated() {
      for newer in versions[(index + 1)...] {
        #expect(older < newer, "\(older) < \(newer)")
        #expect(!(newer < older), "not \(newer) < \(older)")
        #expect(older != newer)
      }
      #expect(!(older < older))
    }
  }

  @Test(arguments: [
    ("0.4", "0.4.0"), ("0.4.1.rc", "0.4.1.RC"), ("1.1.0", "1.1"), ("1.1.0dev1", "1.1.dev1"),
    ("1.1.0post1", "1.1.post1"), ("1.0", "0!1.0"), ("1_1", "1.1"), ("1.01", "1.1"),
    ("1", "1.0.0.0"),
    ("1.0+0", "1.0"), ("1.a0", "1.a"), ("1.0a", "1.0A0"), ("1.DEV", "1.dev"), ("01!1", "1!1"),
  ])
  func `one version spelled twice is equal and hashes alike`(left: String, right: String) throws {
    let (left, right) = (
      try #require(PackageVersion(left)), try #require(PackageVersion(right))
    )
    #expect(left == right)
    #expect(!(left < right) && !(right < left))
    #expect(Set([left, right]).count == 1)
  }

  @Test(arguments: [
    "", " ", ".", "1.", ".1", "1..2", "1._2", "!", "1!", "!1", "a!1", "1!2!3", "-1!1", "+1!1",
    "-0!1",
    "1.5!1", "+", "1+", "+1", "1+a_", "1+2+3", "1+a.", "1+.a", "1+a..b", "5.5++", "5.5..mw",
    "5.5.mw.",
    "5.5.mw+", "5.5+1.", "1.0 ", " 1.0", "1 0", "1-0", "1.0-rc1", "1/0", "1:0", "1.0é", "1.0ß",
    "１.0",
    "٣", "1,0", "1~0", "1=0", "1.0\n", "1.0\u{0}", "\u{0}", "1@0", "1.0$", "%s", "<1", "🐍", "0.5*",
  ])
  func `what is no version is refused`(text: String) {
    #expect(PackageVersion(text) == nil)
  }

  @Test(arguments: ["99999999999999999999", "1.99999999999999999999a", "99999999999999999999!1"])
  func `numbers that no client could hold are refused`(text: String) {
    #expect(PackageVersion(text) == nil)
  }

  @Test func `the largest number a client can hold is ordered`() throws {
    let large = try #require(PackageVersion("18446744073709551615"))
    #expect(try #require(PackageVersion("18446744073709551614")) < large)
  }

  @Test func `a version prints as it was written`() throws {
    #expect(try #require(PackageVersion("1!2.0RC1_3+ABC")).description == "1!2.0RC1_3+ABC")
  }

  @Test func `a long version is read without recursion`() throws {
    let long = String(repeating: "1a.", count: 20_000) + "1"
    let version = try #require(PackageVersion(long))
    #expect(try #require(PackageVersion("1a.1a")) < version)
  }
}
