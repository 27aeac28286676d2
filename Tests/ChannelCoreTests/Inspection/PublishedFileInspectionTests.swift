import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct PublishedFileInspectionTests {
  private static let icon = "icons/\(Digest.sha256(of: pngSignature + Array("a".utf8))).png"

  static let paths = [
    icon, "channeldata.json", "channeldata.json.zst", "index.html", "notices.json", "rss.xml",
    "yanked.json", "noarch/current_repodata.json", "noarch/current_repodata.json.zst",
  ]

  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    try channel.add(PackageBlueprint("a").withIcon("a"))
    try channel.add(PackageBlueprint("b"))
    try channel.directory("notices.json").write(
      """
      [{"id": "a", "message": "Hello", "level": "info", "created_at": "2026-01-01T00:00:00Z",
      "expires_at": "2026-02-01T00:00:00Z"}]
      """)
    let yanked = try #require(PackagePattern("b=*"))
    _ = try indexer().yank([yanked], reason: "broken")
    _ = try indexer().run()
  }

  private func indexer() throws -> ChannelIndexer {
    let notices = try Notices(contentsOf: channel.directory("notices.json"))
    return channel.indexer {
      $0.documents.currentRepodata = true
      $0.documents.channelURL = "https://example.org/channel"
      $0.documents.notices = notices
    }
  }

  private func findings() throws -> [Finding] {
    let report = try ChannelInspector(channel: channel.root).inspect()
    #expect(report.failures.isEmpty)
    return report.findings
  }

  /// Does what a finding says, and sees that all is as it was.
  private func expectRepair(of path: String, _ published: [String: [UInt8]]) throws {
    let found = try findings()
    #expect(found.map(\.path) == [path] && found.map(\.kind) == [.document])
    let remedy = try #require(found.first?.remedy)
    #expect(remedy.contains("run channel-index"))
    if remedy.hasPrefix("remove it") { try channel(path).removeRecursively() }
    _ = try indexer().run()
    #expect(try channel.publicFiles() == published)
    #expect(try findings().isEmpty)
  }

  @Test func `what was published is as it should be`() throws {
    #expect(try findings().isEmpty)
    #expect(Self.paths.allSatisfy { channel($0).exists })
  }

  @Test(arguments: paths)
  func `a published file that is gone is found once, and comes back`(path: String) throws {
    let published = try channel.publicFiles()
    try channel(path).removeRecursively()
    try expectRepair(of: path, published)
  }

  @Test(arguments: paths)
  func `a published file of other bytes is found once, and comes back`(path: String) throws {
    let published = try channel.publicFiles()
    try channel(path).write("x")
    try expectRepair(of: path, published)
  }

  @Test func `a page of somebody else's is found until the channel wants none`() throws {
    try channel("index.html").write("mine")
    #expect(try findings().first?.remedy.contains("--no-home-page") == true)
    var indexer = try indexer()
    indexer.options.documents.homePage = false
    _ = try indexer.run()
    #expect(try findings().isEmpty)
    #expect(try channel("index.html").readText() == "mine")
  }

  @Test func `a document that is wanted no more is not missed`() throws {
    var indexer = try indexer()
    indexer.options.documents.currentRepodata = false
    indexer.options.documents.channelData = false
    _ = try indexer.run()
    #expect(!channel("noarch/current_repodata.json").exists && !channel(Self.icon).exists)
    #expect(try findings().isEmpty)
  }

  @Test(arguments: [("channel", "."), ("noarch", "noarch")], [true, false])
  func `a lost or damaged record of what was published is found`(
    record: (name: String, path: String), isLost: Bool
  ) throws {
    let file = channel(".channel/\(record.name).generation")
    if isLost { try file.removeRecursively() } else { try file.write("damage") }
    let findings = try findings()
    #expect(findings.map(\.path) == [record.path])
    #expect(findings.map(\.kind) == [.ledger])
    _ = try indexer().run()
    #expect(try self.findings() == [])
  }
}
