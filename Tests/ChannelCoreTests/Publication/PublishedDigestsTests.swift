import ChannelCore
import Support
import Testing

@Suite struct PublishedDigestsTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  private func digests() throws -> PublishedDigests {
    try PublishedDigests(.noarch, of: channel.layout)
  }

  @Test func `a digest is compared with that of the index`() throws {
    try channel.add(PackageBlueprint("a"))
    try channel.index()
    let file = try #require(try channel.names().first)
    let digest = try #require(try channel.record(file)?["sha256"]?.string)
    let digests = try digests()
    let other = String(digest.reversed())

    #expect(digests.count == 1)
    #expect(digests.compare(digest.utf8, of: file) == .same)
    #expect(digests.compare(digest.uppercased().utf8, of: file) == .same)
    #expect(digests.compare(other.utf8, of: file) == .other(String(digest.prefix(16))))
    #expect(digests.compare(digest.utf8, of: "b-1-0.conda") == .unknown)
  }

  @Test func `packages of every form and without a digest count`() throws {
    let digest = String(repeating: "0a", count: 32)
    try channel("noarch/repodata.json").write(
      """
      {"packages": {"a-1-0.tar.bz2": {"name": "a"}}, "packages.conda": {},
      "v3": {"conda": {"b-2-0": {"depends": [{"sha256": 1}], "sha256": "\(digest)"}}}}
      """)
    let digests = try digests()

    #expect(digests.count == 2)
    #expect(digests.compare(digest.utf8, of: "b-2-0.conda") == .same)
    #expect(digests.compare(digest.utf8, of: "a-1-0.tar.bz2") == .unknown)
    let others = String(repeating: "f", count: 64)
    #expect(digests.compare(others.utf8, of: "b-2-0.conda") == .other("0a0a0a0a0a0a0a0a"))
  }

  @Test(arguments: [
    "", "abc", String(repeating: "g", count: 64), String(repeating: "a", count: 65),
  ])
  func `what is no digest is compared with nothing`(_ text: String) throws {
    try channel("noarch/repodata.json").write(#"{"packages": {"a-1-0.tar.bz2": {}}}"#)

    #expect(try digests().compare(text.utf8, of: "a-1-0.tar.bz2") == nil)
  }

  @Test func `it knows whether the index is still the same`() throws {
    try channel("noarch/repodata.json").write(#"{"packages": {}}"#)
    let digests = try digests()
    #expect(digests.isCurrent(.noarch, of: channel.layout))
    try channel("noarch/repodata.json").write(#"{"packages": {}, "info": {}}"#)

    #expect(!digests.isCurrent(.noarch, of: channel.layout))
  }
}
