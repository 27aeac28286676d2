import ChannelCore
import Support
import Testing

@Suite struct ChannelDifferenceTests {
  private let channel: TestChannel
  private let other: TestChannel

  init() throws {
    channel = try TestChannel()
    other = try TestChannel()
    for channel in [channel, other] {
      try channel.add(PackageBlueprint("a"))
      try channel.index()
    }
  }

  private func names(_ archives: [ArchiveName]?) -> [String] { archives?.map(\.fileName) ?? [] }

  @Test func `channels that list the same do not differ`() throws {
    #expect(try ChannelDifference(from: channel.root, to: other.root).isEmpty)
  }

  @Test func `packages of one channel alone are named by which`() throws {
    try channel.add(PackageBlueprint("old"))
    try channel.index()
    try other.add(PackageBlueprint("new", subdir: "linux-64"))
    try other.index()
    let difference = try ChannelDifference(from: channel.root, to: other.root)
    #expect(difference.subdirs.map(\.platform.name) == ["linux-64", "noarch"])
    #expect(names(difference.subdirs.first?.added) == ["new-1.0-0.conda"])
    #expect(names(difference.subdirs.last?.removed) == ["old-1.0-0.conda"])
  }

  @Test func `records that differ are named with their fields`() throws {
    try other.add(PackageBlueprint("a", depends: ["b"]))
    try other.index()
    let difference = try ChannelDifference(from: channel.root, to: other.root)
    let update = try #require(difference.subdirs.first?.changed.first)
    #expect(update.fields.map(\.name).contains("depends"))
    let json = try JSONReader.value(in: difference.json).object
    let fields = json?["subdirs"]?.object?["noarch"]?.object?["changed"]?.object?[
      "a-1.0-0.conda"]?.object
    #expect(fields?["depends"] == .array([.array([]), .array([.string("b")])]))
  }

  @Test func `fields that are to be ignored make no difference`() throws {
    try other(".channel").removeRecursively()
    try other("noarch/repodata.json").removeRecursively()
    try other.index(now: 99)
    #expect(try !ChannelDifference(from: channel.root, to: other.root).isEmpty)
    #expect(
      try ChannelDifference(
        from: channel.root, to: other.root, ignoring: ["indexed_timestamp"]
      ).isEmpty)
  }

  @Test func `what a run would change is told, and nothing is changed`() throws {
    #expect(try channel.indexer().difference().isEmpty)
    try channel.add(PackageBlueprint("a", version: "2"))
    try channel.add(PackageBlueprint("b"))
    let before = try channel.snapshot()
    let difference = try channel.indexer { $0.retention.versions = 1 }.difference()
    #expect(names(difference.subdirs.first?.added) == ["a-2-0.conda", "b-1.0-0.conda"])
    #expect(names(difference.subdirs.first?.removed) == ["a-1.0-0.conda"])
    #expect(try channel.snapshot() == before)
  }

  @Test func `a directory without an index is no channel`() throws {
    let empty = try TestChannel()
    #expect(throws: ChannelError.self) {
      try ChannelDifference(from: channel.root, to: empty.root)
    }
  }
}
