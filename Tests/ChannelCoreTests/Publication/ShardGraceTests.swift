import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

/// Shards that no index names any more, and shards that are not what they should be.
@Suite struct ShardGraceTests {
  private static let day = 86_400_000

  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    for name in ["a", "b"] { try channel.add(PackageBlueprint(name)) }
    try channel.index(now: 0)
  }

  @Test func `a retired shard stays until it is due, and goes on a run with nothing to do`() throws
  {
    let old = try #require(try channel.shardNames()["a"])
    try channel.add(PackageBlueprint("a", version: "2"))
    try channel.index(now: Self.day)
    let names = try channel.shardNames().values.sorted()
    #expect(names.contains(old) == false)
    #expect(try channel.shardFiles() == (names + [old]).sorted())

    try channel.index(now: 8 * Self.day - 1)
    #expect(try channel.shardFiles() == (names + [old]).sorted())
    let documents = try channel.snapshot()
    try channel.index(now: 8 * Self.day)
    #expect(try channel.shardFiles() == names)
    let after = try channel.snapshot()
    for name in documents.keys where name.hasPrefix("noarch/") && !name.hasPrefix("noarch/shards") {
      #expect(after[name] == documents[name], "\(name)")
    }
    try channel.index(now: 9 * Self.day)
    #expect(try channel.snapshot() == after)
  }

  @Test func `a shard named again before it is due stays for good`() throws {
    let file = channel("noarch/a-2-0.conda")
    let first = try channel.shardFiles()
    try channel.add(PackageBlueprint("a", version: "2"))
    try channel.index(now: Self.day)
    try file.removeRecursively()
    try channel.index(now: 2 * Self.day)
    #expect(try channel.shardNames().values.sorted() == first)
    try channel.index(now: 30 * Self.day)
    #expect(try channel.shardFiles() == first)
  }

  @Test(arguments: [0, 1, 3_600])
  func `the grace is the one that was asked for`(seconds: Int) throws {
    let index = { (now: Int) in
      _ = try channel.index(now: now) { $0.documents.shardGrace = seconds }
    }
    try channel("noarch/b-1.0-0.conda").removeRecursively()
    try index(10)
    #expect(try channel.shardFiles().count == (seconds == 0 ? 1 : 2))
    try index(10 + seconds * 1_000 - 1)
    #expect(try channel.shardFiles().count == (seconds == 0 ? 1 : 2))
    try index(10 + seconds * 1_000)
    #expect(try channel.shardFiles().count == 1)
  }

  @Test func `a shorter grace counts at once, for shards that wait already`() throws {
    try channel("noarch/b-1.0-0.conda").removeRecursively()
    try channel.index(now: 10)
    #expect(try channel.shardFiles().count == 2)
    try channel.index(now: Self.day) { $0.documents.shardGrace = 60 }
    #expect(try channel.shardFiles().count == 1)
  }

  @Test func `shards that are wanted no more go after their grace, and come back`() throws {
    let before = try channel.publicFiles()
    try channel.index(now: Self.day) { $0.documents.shards = false }
    #expect(try channel.shardFiles().count == 2)
    #expect(channel("noarch/repodata_shards.msgpack.zst").exists == false)
    try channel.index(now: 8 * Self.day) { $0.documents.shards = false }
    #expect(try channel.shardFiles().isEmpty)
    try channel.index(now: 9 * Self.day)
    #expect(try channel.publicFiles() == before)
  }

  // MARK: Repair

  /// What somebody does to the files that a run published.
  enum Damage: CaseIterable {
    case lostShard, lostShards, lostIndex, lostDocument, lostState, lostCatalog, emptyShard, stray

    func strike(_ channel: TestChannel) throws {
      let shards = channel("noarch/shards")
      let shard = shards.appending(try channel.shardFiles()[0])
      switch self {
      case .lostShard: try shard.removeRecursively()
      case .lostShards: try shards.removeRecursively()
      case .lostIndex: try channel("noarch/repodata_shards.msgpack.zst").removeRecursively()
      case .lostDocument: try channel("noarch/run_exports.json").removeRecursively()
      case .lostState: try channel(".channel").removeRecursively()
      case .lostCatalog: try channel(".channel/noarch.shards").removeRecursively()
      case .emptyShard:
        try shard.removeRecursively()
        try shard.write("")
      case .stray: try channel("noarch/repodata.json").write("{}")
      }
    }
  }

  @Test(arguments: Damage.allCases)
  func `the next ordinary run repairs what was lost or damaged`(damage: Damage) throws {
    let before = try channel.publicFiles()
    try damage.strike(channel)
    if damage == .lostState {
      // The catalog of shards is a part of it, but what is published says when packages appeared.
      #expect(channel(".channel").exists == false)
    }
    try channel.index(now: Self.day)
    #expect(try channel.publicFiles() == before)
  }

  @Test(arguments: [true, false])
  func `a shard with other bytes of the same number is repaired by a verifying run`(
    touched: Bool
  ) throws {
    let before = try channel.publicFiles()
    let shard = channel("noarch/shards").appending(try channel.shardFiles()[0])
    let times = try FileStatus(of: shard).modified
    var bytes = try shard.readBytes()
    bytes[bytes.count / 2] ^= 1
    try shard.write(bytes)
    if !touched {
      try shard.setModificationTime(
        seconds: Int(times.seconds), nanoseconds: Int(times.nanoseconds))
    }
    try channel.index(now: Self.day) { $0.rereads = .all }
    #expect(try channel.publicFiles() == before)
  }
}
