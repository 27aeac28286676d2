import ChannelCore
import Support
import Testing

@Suite struct WithdrawalTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    for name in ["a", "b"] { try channel.add(PackageBlueprint(name)) }
    try channel.add(PackageBlueprint("a", subdir: "linux-64"))
    try channel.index()
  }

  private func patterns(_ texts: String...) throws -> [PackagePattern] {
    try texts.map { try #require(PackagePattern($0)) }
  }

  private func digest(of file: String) throws -> Digest {
    Digest.sha256(of: try channel(file).readBytes())
  }

  // MARK: Removal

  @Test func `a removed package leaves the index and the disk`() throws {
    let report = try channel.indexer().remove(patterns("noarch/a-1.0-0"))
    #expect(report.packages.map(\.description) == ["noarch/a-1.0-0.conda"])
    #expect(try channel.names() == ["b-1.0-0.conda"])
    #expect(!channel("noarch/a-1.0-0.conda").exists)
    #expect(try channel.names(in: "linux-64") == ["a-1.0-0.conda"])
    let settled = try channel.snapshot()
    try channel.index()
    #expect(try channel.snapshot() == settled)
  }

  @Test func `a package is deleted only after the index that lists it no more`() throws {
    let existed = Recorder<Bool>()
    let file = channel("noarch/a-1.0-0.conda")
    var indexer = channel.indexer()
    indexer.publicationObserver = { _ in existed.append(file.exists) }
    _ = try indexer.remove(patterns("noarch/a-1.0-0"))
    #expect(!existed.values.isEmpty && existed.values.allSatisfy(\.self))
    #expect(!file.exists)
  }

  @Test func `a package that was left out of the index can be removed`() throws {
    let bad = channel("noarch/bad-1-0.conda")
    try bad.write("no package")
    try channel.index()
    _ = try channel.indexer().remove(patterns("bad-1-0"))
    #expect(!bad.exists)
  }

  @Test func `a pattern that means nothing keeps everything as it is`() throws {
    let before = try channel.snapshot()
    let patterns = try patterns("a-1.0-0", "none-1-0")
    let error = #expect(throws: ChannelError.self) { try channel.indexer().remove(patterns) }
    #expect(error?.reason.contains("\"none-1-0\"") == true)
    #expect(try channel.snapshot() == before)
  }

  @Test func `a package that comes back keeps the time of its first appearance`() throws {
    let bytes = try channel("noarch/a-1.0-0.conda").readBytes()
    _ = try channel.indexer(now: 2_000).remove(patterns("noarch/a=1.0"))
    try channel("noarch/a-1.0-0.conda").write(bytes)
    try channel.index(now: 3_000)
    #expect(try channel.appearance(of: "a-1.0-0.conda") == 1_000)
  }

  // MARK: Yanking

  @Test func `a yanked package is listed by no document and can still be downloaded`() throws {
    let report = try channel.indexer().yank(patterns("a=1.0"), reason: "leaks memory")
    #expect(report.packages.count == 2)
    #expect(try channel.names() == ["b-1.0-0.conda"])
    #expect(try channel.names(in: "linux-64").isEmpty)
    #expect(try channel.repodata()["removed"] == .array([.string("a-1.0-0.conda")]))
    #expect(try channel.shardNames().keys.sorted() == ["b"])
    #expect(channel("noarch/a-1.0-0.conda").exists)
  }

  @Test func `the reason is kept and published`() throws {
    _ = try channel.indexer(now: 0).yank(patterns("noarch/a-1.0-0"), reason: "leaks \"memory\"")
    let published = try channel.json("yanked.json")
    #expect(
      published["packages"]?.object?["noarch/a-1.0-0.conda"]
        == .object([
          "reason": .string("leaks \"memory\""),
          "sha256": .string(try digest(of: "noarch/a-1.0-0.conda").description),
          "yanked_at": .string("1970-01-01T00:00:00Z"),
        ]))
    #expect(try YankList(of: channel.layout).packages.map(\.value.reason) == ["leaks \"memory\""])
    #expect(try channel("yanked.json").readText().split(separator: "\n").count == 3)
  }

  @Test func `a yank outlasts every later run`() throws {
    _ = try channel.indexer().yank(patterns("noarch/a-1.0-0"), reason: "broken")
    try channel("noarch/repodata.json").removeRecursively()
    try channel(".channel/noarch.ledger").removeRecursively()
    let report = try channel.index { $0.rereads = .all }
    #expect(try channel.names() == ["b-1.0-0.conda"])
    let withheld = try #require(report.subdirs.last?.withheld.first)
    #expect(withheld.isYanked && withheld.reason == "yanked: broken")
  }

  @Test func `other bytes under the name of a yanked package are listed, and the operator is told`()
    throws
  {
    let old = try channel("noarch/a-1.0-0.conda").readBytes()
    _ = try channel.indexer().yank(patterns("noarch/a-1.0-0"), reason: "broken")
    try channel.add(PackageBlueprint("a", depends: ["b"]))
    for _ in 1...2 {
      let report = try channel.index()
      #expect(try channel.names() == ["a-1.0-0.conda", "b-1.0-0.conda"])
      #expect(
        report.subdirs.flatMap(\.warnings) == [
          "\(channel("noarch/a-1.0-0.conda")): is listed, since it holds other bytes than when it was"
            + " yanked (broken); yank it again, or unyank it to forget this"
        ])
    }
    #expect(!channel("yanked.json").exists)
    let findings = try ChannelInspector(channel: channel.root).inspect().findings
    #expect(findings.map(\.kind) == [.yank])
    // What was yanked stays so.
    try channel("noarch/a-1.0-0.conda").write(old)
    try channel.index()
    #expect(try channel.names() == ["b-1.0-0.conda"])
    #expect(channel("yanked.json").exists)
    try channel.add(PackageBlueprint("a", depends: ["b"]))
    _ = try channel.indexer().yank(patterns("noarch/a-1.0-0"), reason: "as bad")
    #expect(try channel.names() == ["b-1.0-0.conda"])
  }

  @Test func `a list that does not say which bytes means whatever has the name`() throws {
    _ = try channel.indexer().yank(patterns("noarch/a-1.0-0"), reason: "broken")
    let list = channel(".channel/yanked.json")
    let text = try list.readText()
    let sha256 = try digest(of: "noarch/a-1.0-0.conda")
    try list.write(text.replacing(#","sha256":"\#(sha256)""#, with: ""))
    #expect(try list.readText() != text)
    try channel.add(PackageBlueprint("a", depends: ["b"]))
    try channel.index()
    #expect(try channel.names() == ["b-1.0-0.conda"])
  }

  @Test func `what no run has read is yanked by the bytes that lie there`() throws {
    try channel.add(PackageBlueprint("a", depends: ["b"]))
    _ = try channel.indexer().yank(patterns("noarch/a-1.0-0"), reason: "broken")
    try channel.index()
    #expect(try channel.names() == ["b-1.0-0.conda"])
  }

  @Test func `the time of its first appearance is kept although no document tells it`() throws {
    _ = try channel.indexer(now: 2_000).yank(patterns("noarch/a-1.0-0"), reason: "broken")
    try channel(".channel/noarch.ledger").removeRecursively()
    try channel.index(now: 3_000)
    _ = try channel.indexer(now: 4_000).unyank(patterns("a=*"))
    #expect(try channel.appearance(of: "a-1.0-0.conda") == 1_000)
    #expect(try channel.appearance(of: "b-1.0-0.conda") == 1_000)
  }

  @Test func `so it is of what newer packages have replaced`() throws {
    try channel.add(PackageBlueprint("a", version: "2.0"))
    try channel.index(now: 2_000) { $0.retention.versions = 1 }
    try channel(".channel/noarch.ledger").removeRecursively()
    try channel.index(now: 3_000) { $0.retention.versions = 1 }
    try channel.index(now: 4_000)
    #expect(try channel.appearance(of: "a-1.0-0.conda") == 1_000)
    #expect(try channel.appearance(of: "a-2.0-0.conda") == 2_000)
  }

  @Test func `unyanking restores every document to the byte`() throws {
    let before = try channel.publicFiles()
    _ = try channel.indexer().yank(patterns("a=*"), reason: "broken")
    _ = try channel.indexer().unyank(patterns("a=*"))
    #expect(try channel.publicFiles() == before)
    #expect(!channel("yanked.json").exists)
  }

  @Test func `a package that is removed is yanked no longer`() throws {
    _ = try channel.indexer().yank(patterns("a=*"), reason: "broken")
    _ = try channel.indexer().remove(patterns("noarch/a=*"))
    #expect(try YankList(of: channel.layout).packages.keys.map(\.subdir.name) == ["linux-64"])
    #expect(try channel("yanked.json").readText().contains("noarch") == false)
  }

  @Test func `a list that cannot be read stops the run`() throws {
    _ = try channel.indexer().yank(patterns("noarch/a-1.0-0"), reason: "broken")
    try channel(".channel/yanked.json").write("{\"packages\":")
    let before = try channel.publicFiles()
    let error = #expect(throws: ChannelError.self) { try channel.index() }
    #expect(error?.path == channel(".channel/yanked.json"))
    #expect(try channel.publicFiles() == before)
  }

  @Test func `unyanking what is not yanked is an error`() throws {
    let patterns = try patterns("b=*")
    #expect(throws: ChannelError.self) { try channel.indexer().unyank(patterns) }
  }
}
