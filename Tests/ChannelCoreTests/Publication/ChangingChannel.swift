import ChannelCore
import Support
import SystemPackage

/// A channel of two subdirs in which packages were added, replaced and removed since it was indexed.
struct ChangingChannel {
  static let subdirs = ["linux-64", "noarch"]
  /// The documents that a run makes of each.
  static let documents: [ChannelLayout.DocumentName] = [
    .repodata, .repodataZstandard, .shardIndex, .runExports, .runExportsZstandard,
  ]

  let channel: TestChannel
  /// What clients saw before the change.
  let before: [String: [UInt8]]

  /// The same packages, byte for byte, every time; first indexed when it was 100.
  ///
  /// They lie on `disk` when that is given.
  init(on disk: FilePath? = nil) throws {
    channel = try TestChannel()
    if let disk {
      try channel.root.removeRecursively()
      try channel.root.createSymbolicLink(to: disk)
    }
    for subdir in Self.subdirs {
      for name in ["kept", "replaced", "removed"] {
        try channel.add(PackageBlueprint(name, subdir: subdir).withIcon("\(name) \(subdir)"))
      }
      try channel.add(PackageBlueprint("kept", version: "0.9", subdir: subdir), .tarBz2)
    }
    try channel.index(now: 100)
    before = try channel.publicFiles()
    for subdir in Self.subdirs {
      try channel("\(subdir)/removed-1.0-0.conda").removeRecursively()
      try channel.add(PackageBlueprint("replaced", subdir: subdir, depends: ["new"]))
      try channel.add(PackageBlueprint("new", subdir: subdir).withIcon("new"))
    }
  }

  /// What clients see after a run at `now` that nothing disturbed.
  static func published(now: Int) throws -> [String: [UInt8]] {
    let channel = try ChangingChannel().channel
    try channel.index(now: now)
    return try channel.publicFiles()
  }

  /// How many changes that a client could see a run makes.
  static let steps: Int = {
    let counter = StepCounter()
    guard let channel = try? ChangingChannel().channel else { return 1 }
    var indexer = channel.indexer()
    indexer.publicationObserver = { _ in _ = counter.next() }
    _ = try? indexer.run()
    return max(1, counter.next() - 1)
  }()
}

extension PackageBlueprint {
  /// The package with a picture that no other `content` makes.
  func withIcon(_ content: String) -> PackageBlueprint {
    var blueprint = self
    blueprint.extraInfo.append(ArchiveMember("info/icon.png", pngSignature + Array(content.utf8)))
    return blueprint
  }
}

let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

/// The part of `files` that lies in one subdir.
func files(of subdir: String, in files: [String: [UInt8]]) -> [String: [UInt8]] {
  files.filter { $0.key.hasPrefix(subdir + "/") }
}
