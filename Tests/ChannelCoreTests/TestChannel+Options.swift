import ChannelCore
import Support
import SystemPackage
import Testing

extension TestChannel {
  /// The indexer of this channel, which believes that it is `now`, in milliseconds since 1970.
  func indexer(
    now: Int = 1_000, _ configure: (inout IndexOptions) -> Void = { _ in }
  ) -> ChannelIndexer {
    var options = IndexOptions()
    options.threads = 2
    options.lockTimeout = 30
    configure(&options)
    var indexer = ChannelIndexer(channel: root, options: options)
    indexer.now = { now }
    return indexer
  }

  /// Indexes the channel with other options than the usual ones.
  @discardableResult
  func index(
    now: Int = 1_000, with configure: (inout IndexOptions) -> Void
  ) throws(ChannelError) -> IndexReport {
    try indexer(now: now, configure).run()
  }

  /// A channel of the same files, inodes and times included: nothing that runs do to it shows in the
  /// other, since they replace files whole.
  func twin() throws -> TestChannel {
    let twin = try TestChannel()
    for name in try snapshot(withStatus: false).keys {
      try twin(name).removingLastComponent().createDirectories()
      try twin(name).createHardLink(to: self(name))
    }
    return twin
  }

  /// A document of a subdir as JSON.
  func json(_ relative: String) throws -> JSONObject {
    try #require(try JSONReader.value(in: self(relative).readBytes()).object)
  }

  /// What clients can see: all but the indexer's own state.
  func publicFiles() throws -> [String: [UInt8]] {
    try snapshot(withStatus: false).filter { !$0.key.hasPrefix(".channel/") }.mapValues(\.bytes)
  }

  /// The index of a subdir's shards.
  func shardIndex(_ subdir: String = "noarch") throws -> MessagePack {
    let frame = try self("\(subdir)/repodata_shards.msgpack.zst").readBytes()
    return try MessagePack(bytes: ZstandardFrame.contents(of: frame))
  }

  /// The file names of the shards that a subdir's index names, by package name.
  func shardNames(_ subdir: String = "noarch") throws -> [String: String] {
    let shards = try #require(try shardIndex(subdir)["shards"])
    var names: [String: String] = [:]
    for name in try #require(shards.keys) {
      let digest = try #require(shards[name]?.binary)
      try #require(digest.count == 32)
      names[name] = "\(Digest(bytes: digest)).msgpack.zst"
    }
    return names
  }

  /// One shard, unpacked.
  func shard(of name: String, in subdir: String = "noarch") throws -> MessagePack {
    let file = try #require(try shardNames(subdir)[name])
    return try MessagePack(
      bytes: ZstandardFrame.contents(of: self("\(subdir)/shards/\(file)").readBytes()))
  }

  /// The files in a subdir's directory of shards, sorted.
  func shardFiles(_ subdir: String = "noarch") throws -> [String] {
    try self("\(subdir)/shards").entryNames()
  }
}
