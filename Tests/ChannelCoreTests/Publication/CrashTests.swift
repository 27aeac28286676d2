import ChannelCore
import ChannelSystem
import Glibc
import Support
import SystemPackage
import Testing

/// Runs killed at every step: a reader sees the old generation or the new one, and the next run
/// makes up for what is missing.
@Suite struct CrashTests {
  /// A run at 200 that the kernel kills at one of its steps.
  private static func killedRun(in root: String, at step: Int) {
    let counter = StepCounter()
    var options = IndexOptions()
    options.threads = 1
    var indexer = ChannelIndexer(channel: FilePath(root), options: options)
    indexer.now = { 200 }
    indexer.publicationObserver = { _ in
      if counter.next() == step { kill(getpid(), SIGKILL) }
    }
    _ = try? indexer.run()
  }

  private static let undisturbed = Result {
    (now: try ChangingChannel.published(now: 200), later: try ChangingChannel.published(now: 300))
  }

  @Test func `a run has many steps at which it can be killed`() {
    // Else the test below would prove little.
    #expect(ChangingChannel.steps > 20)
  }

  /// Killing takes a process of its own, so all that follows from it is looked at here, each in a
  /// channel of its own.
  @Test(arguments: 1...ChangingChannel.steps)
  func `a run killed at any step harms no reader and leaves nothing that later runs do not mend`(
    step: Int
  ) async throws {
    let changing = try ChangingChannel()
    let channel = changing.channel
    let root = channel.root.string
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = root as String, step = step as Int] in
      Self.killedRun(in: root, at: step)
    }
    try expectReadable(channel, before: changing.before)
    try expectFinished(by: channel.twin())
    try expectShardsCollected(in: channel.twin())
    try expectDocumentsGone(from: channel.twin())
  }

  /// Every document is the old one or the new one.
  private func expectReadable(_ channel: TestChannel, before: [String: [UInt8]]) throws {
    let undisturbed = try Self.undisturbed.get()
    let found = try channel.publicFiles()
    for document in ChangingChannel.documents {
      for subdir in ChangingChannel.subdirs {
        let path = "\(subdir)/\(document.rawValue)"
        let bytes = try #require(found[path], "\(path)")
        #expect(bytes == before[path] || bytes == undisturbed.now[path], "\(path)")
      }
    }
    for subdir in ChangingChannel.subdirs { try expectSoundShards(of: subdir, in: channel) }
    for path in ["channeldata.json", "channeldata.json.zst"] {
      #expect(found[path] == before[path] || found[path] == undisturbed.now[path], "\(path)")
    }
    try expectIcons(of: channel)
  }

  /// Every icon that channeldata names is there and is what its name says.
  private func expectIcons(of channel: TestChannel) throws {
    let packages = try #require(try channel.json("channeldata.json")["packages"]?.object)
    let paths = packages.members.compactMap { $0.value.object?["icon_url"]?.string }
    #expect(paths.count >= 2)
    for path in paths {
      #expect(try path == "icons/\(Digest.sha256(of: channel(path).readBytes())).png")
    }
  }

  /// The next run publishes what one that nothing disturbed would have, and keeps what was known.
  private func expectFinished(by channel: TestChannel) throws {
    let undisturbed = try Self.undisturbed.get()
    let seen = try appearances(in: channel)
    let report = try channel.index(now: 300)
    #expect(report.failures.isEmpty)
    let repaired = try channel.publicFiles()
    for subdir in ChangingChannel.subdirs {
      let bytes = files(of: subdir, in: repaired)
      #expect(
        bytes == files(of: subdir, in: undisturbed.now)
          || bytes == files(of: subdir, in: undisturbed.later), "\(subdir)")
      try expectSoundShards(of: subdir, in: channel)
    }
    let others = rootFiles(in: repaired)
    #expect(others == rootFiles(in: undisturbed.now))
    #expect(others.keys.contains { $0.hasPrefix("icons/") })
    let appearances = try appearances(in: channel)
    for (package, time) in seen where appearances[package] != nil {
      #expect(appearances[package] == time, "\(package)")
    }

    let state = try channel.snapshot()
    #expect(state.keys.contains { $0.hasSuffix(".announcement") } == false)
    try channel.index(now: 400)
    #expect(try channel.snapshot() == state)
  }

  /// Shards that no index came to name go in time.
  private func expectShardsCollected(in channel: TestChannel) throws {
    for subdir in ChangingChannel.subdirs {
      try channel("\(subdir)/new-1.0-0.conda").removeRecursively()
      try channel.add(PackageBlueprint("new", subdir: subdir, depends: ["other"]))
    }
    try channel.index(now: 300)
    try channel.index(now: 300 + 8 * 86_400_000)
    for subdir in ChangingChannel.subdirs {
      #expect(try channel.shardFiles(subdir) == channel.shardNames(subdir).values.sorted())
    }
  }

  /// Documents are known for ours and go when the next run is told to make none.
  private func expectDocumentsGone(from channel: TestChannel) throws {
    try channel.index(now: 300) { options in
      options.documents.zstandard = false
      options.documents.shards = false
      options.documents.runExports = false
      options.documents.channelData = false
    }
    #expect(try rootFiles(in: channel.publicFiles()) == [:])
    for subdir in ChangingChannel.subdirs {
      let documents = try channel(subdir).entryNames().filter { ArchiveName($0) == nil }
      #expect(documents == ["repodata.json", "shards"])
    }
  }

  private func rootFiles(in files: [String: [UInt8]]) -> [String: [UInt8]] {
    files.filter { file in !ChangingChannel.subdirs.contains { file.key.hasPrefix("\($0)/") } }
  }

  /// Every shard that the index names is there and is what its name says.
  private func expectSoundShards(of subdir: String, in channel: TestChannel) throws {
    let names = try channel.shardNames(subdir).values
    #expect(names.count >= 3)
    for name in names {
      let bytes = try channel("\(subdir)/shards/\(name)").readBytes()
      #expect("\(Digest.sha256(of: bytes)).msgpack.zst" == name)
    }
  }

  /// When each published package appeared, by its digest and name.
  private func appearances(in channel: TestChannel) throws -> [String: Int] {
    var appearances: [String: Int] = [:]
    for subdir in ChangingChannel.subdirs {
      for name in try channel.names(in: subdir) {
        let record = try channel.record(name, in: subdir)
        let digest = try #require(record?["sha256"]?.string)
        appearances["\(subdir)/\(name) \(digest)"] = record?["indexed_timestamp"]?.integer
      }
    }
    return appearances
  }
}
