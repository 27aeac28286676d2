import ChannelCore
import ChannelSystem
import Support
import Synchronization
import SystemPackage
import Testing

/// Packages that somebody writes to while they are read: never published half, and named for it.
@Suite struct ChangingPackageTests {
  /// What a careless upload does to a file, over and over.
  enum Writing: CaseIterable {
    case growing, shrinking, overwriting

    func strike(_ path: FilePath, size: Int) throws {
      switch self {
      case .growing: try path.resize(to: size + 4096)
      case .shrinking: try path.resize(to: size / 2)
      case .overwriting: try path.overwrite([0xFF], at: size / 2)
      }
    }
  }

  /// Too large to be held in memory, so that it is looked at twice.
  private func largePackage() throws -> [UInt8] {
    var members = try PackageBlueprint("a").condaMembers()
    members[1].content = Array(repeating: 1, count: 12 << 20)
    return try ZipFile.bytes(of: members)
  }

  /// The same, of noise that bzip2 cannot make smaller.
  private static let largeTarBz2 = Result {
    var state: UInt32 = 1
    let noise = (0..<(9 << 20)).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 24)
    }
    var blueprint = PackageBlueprint("a")
    blueprint.payload = [ArchiveMember("noise", noise)]
    return try blueprint.tarBz2()
  }

  @Test(arguments: Writing.allCases, ["a-1.0-0.conda", "a-1.0-0.tar.bz2"])
  func `a package that changes while it is read is kept out and read again`(
    writing: Writing, name: String
  ) throws {
    let channel = try TestChannel()
    let bytes = try name.hasSuffix(".conda") ? largePackage() : Self.largeTarBz2.get()
    let file = channel("noarch/\(name)")
    try file.write(bytes)
    try channel.add(PackageBlueprint("b"))

    // Right after the digests were made, when the metadata have still to be read.
    var indexer = channel.indexer { $0.threads = 1 }
    let struck = Mutex(false)
    indexer.packageObserver = { path in
      guard path == file else { return }
      try? writing.strike(file, size: bytes.count)
      struck.withLock { $0 = true }
    }
    let report = try indexer.run()
    #expect(struck.withLock { $0 })
    #expect(report.quarantined.map(\.path) == [file])
    #expect(report.quarantined.map(\.code) == [.changedWhileRead])
    #expect(report.quarantined.first?.reason == "changed while it was read")
    #expect(try channel.names() == ["b-1.0-0.conda"])

    try file.write(bytes)
    #expect(try channel.index().quarantined.isEmpty)
    #expect(try channel.names() == [name, "b-1.0-0.conda"].sorted())
  }

  @Test func `a package replaced while it is read is published as it lies there then`() throws {
    let channel = try TestChannel()
    let file = try channel.add(PackageBlueprint("a", depends: ["old"]))
    let new = try PackageBlueprint("a", depends: ["new"]).conda()
    let upload = channel.directory("upload")
    try upload.write(new)
    var indexer = channel.indexer { $0.threads = 1 }
    indexer.packageObserver = { path in
      if path == file { try? upload.rename(to: file) }
    }
    #expect(try indexer.run().quarantined.isEmpty)
    #expect(upload.exists == false)
    #expect(
      try channel.record("a-1.0-0.conda")?["sha256"]?.string == Digest.sha256(of: new).description)
    #expect(try channel.index().subdirs.map(\.updated.count) == [0])
  }

  @Test func `a package that vanishes between the listing and the reading is taken for deleted`()
    throws
  {
    let channel = try TestChannel()
    let files = try ["a", "b"].map { try channel.add(PackageBlueprint($0)) }
    var indexer = channel.indexer { $0.threads = 1 }
    indexer.packageObserver = { path in
      if path == files[0] { try? files[1].removeRecursively() }
    }
    let report = try indexer.run()
    #expect(report.quarantined.isEmpty && report.failures.isEmpty)
    #expect(try channel.names() == ["a-1.0-0.conda"])
    #expect(try channel.index().quarantined.isEmpty)
  }
}
