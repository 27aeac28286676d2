import ChannelCore
import Support
import SystemPackage
import Testing

/// What is published at a channel's root, and what of it is whose.
@Suite struct ChannelPublisherTests {
  private func channel(icon: String? = nil) throws -> TestChannel {
    let channel = try TestChannel()
    let blueprint = PackageBlueprint("a")
    try channel.add(icon.map(blueprint.withIcon) ?? blueprint)
    return channel
  }

  @Test func `the report names what was written and what was withdrawn`() throws {
    let channel = try channel(icon: "a")
    let icon = "icons/\(Digest.sha256(of: pngSignature + Array("a".utf8))).png"
    let documents = ["channeldata.json.zst", "channeldata.json", "index.html"]
    #expect(try channel.index().channel.written == [icon] + documents)
    #expect(try channel.index().channel.written == [])
    let withdrawn = try channel.index { $0.documents.channelData = false }.channel.withdrawn
    #expect(withdrawn == (documents + [icon]).sorted())
  }

  @Test func `an unchanged channel writes nothing`() throws {
    let channel = try channel(icon: "a")
    try channel.index(now: 1)
    let before = try channel.snapshot()
    try channel.index(now: 2)
    #expect(try channel.snapshot() == before)
  }

  @Test(arguments: ["channeldata.json", "channeldata.json.zst", "icons"])
  func `what was taken away or changed is published again`(path: String) throws {
    let channel = try channel(icon: "a")
    try channel.index()
    let before = try channel.publicFiles()
    try channel(path).removeRecursively()
    try channel.index()
    #expect(try channel.publicFiles() == before)
    if path != "icons" { try channel(path).write("other") }
    try channel.index()
    #expect(try channel.publicFiles() == before)
  }

  @Test func `a file that someone else put in a document's place is not removed`() throws {
    let channel = try channel()
    try channel.index()
    try channel("channeldata.json").write("mine")
    try channel.index { $0.documents.channelData = false }
    #expect(try channel("channeldata.json").readText() == "mine")
    #expect(!channel("channeldata.json.zst").exists)
  }

  @Test func `an icon that no package brings any more goes, and others in its folder stay`() throws
  {
    let channel = try channel(icon: "a")
    try channel.index()
    try channel("icons/own.png").write("mine")
    try channel.add(PackageBlueprint("a").withIcon("b"))
    try channel.index()
    let icon = "\(Digest.sha256(of: pngSignature + Array("b".utf8))).png"
    #expect(try channel("icons").entryNames() == [icon, "own.png"].sorted())
  }

  @Test func `two packages with one picture share its file`() throws {
    let channel = try channel(icon: "a")
    try channel.add(PackageBlueprint("b").withIcon("a"))
    try channel.index()
    #expect(try channel("icons").entryNames().count == 1)
  }

  @Test func `a picture that is too large or none is left out, and its package is not`() throws {
    let channel = try channel(icon: String(repeating: "x", count: 2 << 20))
    var blueprint = PackageBlueprint("b")
    blueprint.extraInfo = [ArchiveMember("info/icon.png", text: "<svg onload='x'/>")]
    try channel.add(blueprint)
    let report = try channel.index()
    #expect(report.subdirs.map(\.published) == [2])
    #expect(!channel("icons").exists)
    #expect(try !channel("channeldata.json").readText().contains("icon"))
  }

  @Test func `an index that cannot be read keeps the channel's documents as they are`() throws {
    let channel = try channel()
    try channel.add(PackageBlueprint("b", subdir: "linux-64"))
    try channel.index()
    let before = try channel("channeldata.json").readBytes()
    try channel(".channel/linux-64.ledger").write("damaged")
    try channel.add(PackageBlueprint("c"))
    let report = try channel.index(subdirs: [.noarch])
    #expect(report.failures.map(\.path) == [channel(".channel/linux-64.ledger")])
    #expect(try channel("channeldata.json").readBytes() == before)
    #expect(try channel.index().failures.isEmpty)
    #expect(try channel("channeldata.json").readText().contains("\"c\""))
  }

  @Test func `a rehearsal publishes nothing at the root`() throws {
    let channel = try channel()
    _ = try channel.indexer().rehearse()
    #expect(!channel("channeldata.json").exists)
  }
}
