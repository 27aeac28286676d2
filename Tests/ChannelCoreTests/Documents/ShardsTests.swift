import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

/// Sharded repodata (CEP 16), read as a client reads it.
@Suite struct ShardsTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  private func fill() throws {
    for name in ["b", "a", "c_d", "z"] {
      try channel.add(PackageBlueprint(name, depends: ["x >=1"]))
      try channel.add(PackageBlueprint(name, version: "0.9"), .tarBz2)
    }
    var blueprint = PackageBlueprint("exporter")
    blueprint.runExports = #"{"weak":["exporter >=1"]}"#
    blueprint.indexFields = ["extra": #"{"deep":[1,2.5,null,true,"é"]}"#, "timestamp": "1"]
    try channel.add(blueprint)
  }

  @Test func `the index has the keys that clients need, names sorted, digests as binary`() throws {
    try fill()
    try channel.index(now: 1_700_000_000_000)
    let index = try channel.shardIndex()
    #expect(index["version"] == .integer(1))
    #expect(index["info"]?["base_url"] == .string("./"))
    #expect(index["info"]?["shards_base_url"] == .string("./shards/"))
    #expect(index["info"]?["subdir"] == .string("noarch"))
    #expect(index["info"]?["created_at"] == .string("2023-11-14T22:13:20Z"))
    #expect(index["shards"]?.keys == ["a", "b", "c_d", "exporter", "z"])
    #expect(try channel.shardNames().count == 5)
  }

  @Test func `an empty subdir has an index without shards`() throws {
    try channel.index()
    #expect(try channel.shardIndex()["shards"] == .map([]))
    #expect(try channel.shardIndex()["info"]?["created_at"] == .string("1970-01-01T00:00:00Z"))
    #expect(try channel.shardFiles().isEmpty)
  }

  @Test func `each shard file is called after its own digest`() throws {
    try fill()
    try channel.index()
    #expect(try channel.shardFiles() == channel.shardNames().values.sorted())
    for name in try channel.shardFiles() {
      let bytes = try channel("noarch/shards/\(name)").readBytes()
      #expect("\(Digest.sha256(of: bytes)).msgpack.zst" == name)
    }
  }

  @Test func `the shards together hold the records of repodata and their run exports`() throws {
    try fill()
    try channel.index()
    var records: [String: MessagePack] = [:]
    for name in try channel.shardNames().keys {
      let shard = try channel.shard(of: name)
      #expect(shard.keys == ["packages", "packages.conda"])
      for map in ["packages", "packages.conda"] {
        for file in try #require(shard[map]?.keys) {
          let record = try #require(shard[map]?[file])
          #expect(record["name"] == .string(name))
          #expect(file.hasSuffix(map == "packages" ? ".tar.bz2" : ".conda"))
          records[file] = record
        }
      }
    }
    let (repodata, runExports) = (
      try channel.repodata(), try channel.json("noarch/run_exports.json")
    )
    var expected: [String: MessagePack] = [:]
    for map in ["packages", "packages.conda"] {
      for member in try #require(repodata[map]?.object?.members) {
        var record = try #require(member.value.object)
        record["run_exports"] = runExports[map]?.object?[member.name]?.object?["run_exports"]
        #expect(record["run_exports"] != nil)
        expected[member.name] = try MessagePack(record: record)
      }
    }
    #expect(expected.count == 9)
    #expect(records == expected)
    #expect(records["a-1.0-0.conda"]?["run_exports"] == .map([]))
    #expect(
      records["exporter-1.0-0.conda"]?["run_exports"]?["weak"]
        == .array([.string("exporter >=1")]))
  }

  @Test func `every frame says its size and needs at most 128 MB of memory`() throws {
    try fill()
    try channel.index()
    let shards = try channel.shardFiles().map { "shards/\($0)" }
    let documents = ["repodata.json.zst", "run_exports.json.zst", "repodata_shards.msgpack.zst"]
    for name in documents + shards {
      let frame = try channel("noarch/\(name)").readBytes()
      let header = try #require(ZstandardHeader(frame), "\(name)")
      #expect(try header.contentSize == ZstandardFrame.contents(of: frame).count, "\(name)")
      #expect(header.windowSize <= 128 << 20, "\(name)")
    }
  }

  @Test func `only the shards of names that changed are new, and the date is the newest's`() throws
  {
    try fill()
    try channel.index(now: 1_700_000_000_000)
    let before = try channel.shardNames()
    let status = try channel.snapshot()
    try channel.add(PackageBlueprint("a", version: "2"))
    try channel.index(now: 1_700_000_060_000)
    let after = try channel.shardNames()
    #expect(after.filter { before[$0.key] != $0.value }.map(\.key) == ["a"])
    #expect(
      try channel.shardIndex()["info"]?["created_at"] == .string("2023-11-14T22:14:20Z"))
    let now = try channel.snapshot()
    for name in before.values {
      #expect(now["noarch/shards/\(name)"] == status["noarch/shards/\(name)"])
    }
  }

  @Test func `what changed says nothing of when the run was`() throws {
    try fill()
    try channel.index(now: 1_700_000_000_000)
    let index = try channel("noarch/repodata_shards.msgpack.zst").readBytes()
    try channel("noarch/repodata_shards.msgpack.zst").removeRecursively()
    try channel.index(now: 1_800_000_000_000)
    #expect(try channel("noarch/repodata_shards.msgpack.zst").readBytes() == index)
  }
}

extension MessagePack {
  /// What a shard holds for a record of repodata: the same, with digests as binary.
  init(record: JSONObject) throws {
    var writer = MessagePackWriter()
    writer.write(.object(record))
    var pairs: [Pair] = []
    if case .map(let read) = try MessagePack(bytes: writer.bytes) { pairs = read }
    for index in pairs.indices where ["md5", "sha256"].contains(pairs[index].key.string) {
      let digest = try #require(Digest(hexadecimal: pairs[index].value.string ?? ""))
      pairs[index].value = .binary(digest.bytes)
    }
    self = .map(pairs)
  }
}
