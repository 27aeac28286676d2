import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

/// File systems that say no, runs that were cut off, and runs at the same time.
@Suite struct TroubleTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  // MARK: What cannot be read or written

  @Test(arguments: [".channel", "noarch"])
  func `a file where the indexer needs a directory stops the run with its name`(
    name: String
  ) throws {
    try channel(name).write("in the way")
    let error = #expect(throws: ChannelError.self) { try channel.index() }
    #expect(error?.path == channel(name))
    #expect(try channel(name).readText() == "in the way")
  }

  @Test(arguments: ["repodata.json", "repodata.json.zst"])
  func `a directory in a document's place fails its subdir and no other`(name: String) throws {
    try channel.add(PackageBlueprint("a"))
    try channel.add(PackageBlueprint("a", subdir: "linux-64"))
    try channel("linux-64/\(name)").createDirectories()
    for _ in 1...2 {
      let report = try channel.index()
      #expect(report.failures.count == 1)
      #expect(report.failures.first?.path.starts(with: channel("linux-64")) == true)
      #expect(report.subdirs.map(\.platform) == [.noarch])
      #expect(try channel.names() == ["a-1.0-0.conda"])
    }
    try channel("linux-64/\(name)").removeRecursively()
    #expect(try channel.index().failures.isEmpty)
    #expect(try channel.names(in: "linux-64") == ["a-1.0-0.conda"])
    #expect(try temporaryFiles().isEmpty)
  }

  @Test(arguments: ["repodata.json", "repodata.json.zst"], [true, false])
  func `a pipe or a dangling link in a document's place is replaced`(
    name: String, isPipe: Bool
  ) throws {
    try channel.add(PackageBlueprint("a"))
    let document = channel("noarch/\(name)")
    if isPipe {
      try document.createPipe()
    } else {
      try document.createSymbolicLink(to: "nowhere")
    }
    #expect(try channel.index().failures.isEmpty)
    #expect(try FileStatus(of: document, followingLinks: false).kind == .regular)
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  @Test func `a directory in the ledger's place fails its subdir and no other`() throws {
    try channel.add(PackageBlueprint("a"))
    try channel(".channel/linux-64.ledger").createDirectories()
    try channel("linux-64").createDirectories()
    let report = try channel.index()
    #expect(report.failures.count == 1)
    #expect(report.failures.first?.path.starts(with: channel(".channel")) == true)
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  @Test func `a subdir that may not be read or written fails alone`() throws {
    try channel.add(PackageBlueprint("a"))
    for subdir in ["linux-64", "osx-64"] { try channel.add(PackageBlueprint("a", subdir: subdir)) }
    try channel("linux-64").setPermissions([])
    try channel("osx-64").setPermissions([.ownerReadExecute, .groupReadExecute, .otherReadExecute])
    try channel("noarch").setPermissions([
      .ownerReadWriteExecute, .groupReadWriteExecute, .otherReadWriteExecute,
    ])
    try channel.root.setPermissions([
      .ownerReadWriteExecute, .groupReadWriteExecute, .otherReadWriteExecute,
    ])
    try channel.directory.path.setPermissions([
      .ownerReadWriteExecute, .groupReadExecute, .otherReadExecute,
    ])
    defer {
      for subdir in ["linux-64", "osx-64"] {
        try? channel(subdir).setPermissions(.ownerReadWriteExecute)
      }
    }
    let report = try Unprivileged.run { [channel] in try channel.index(threads: 1) }
    #expect(report.failures.first?.path == channel("linux-64"))
    #expect(report.failures.last?.path.starts(with: channel("osx-64")) == true)
    #expect(report.failures.count == 2)
    #expect(report.subdirs.map(\.platform) == [.noarch])
    #expect(try channel.names() == ["a-1.0-0.conda"])
    #expect(try channel("osx-64").entryNames() == ["a-1.0-0.conda"])
  }

  @Test func `a package that may not be read is named and keeps nothing out`() throws {
    let file = try channel.add(PackageBlueprint("secret"))
    try channel.add(PackageBlueprint("a"))
    try file.setPermissions([])
    for directory in [channel.root, channel("noarch")] {
      try directory.setPermissions([
        .ownerReadWriteExecute, .groupReadWriteExecute, .otherReadWriteExecute,
      ])
    }
    try channel.directory.path.setPermissions([
      .ownerReadWriteExecute, .groupReadExecute, .otherReadExecute,
    ])
    let report = try Unprivileged.run { [channel] in try channel.index(threads: 1) }
    #expect(report.quarantined.map(\.path) == [file])
    #expect(report.quarantined.map(\.code) == [.unreadable])
    #expect(report.quarantined.first?.reason.contains("Permission denied") == true)
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  // MARK: Runs that were cut off

  @Test func `temporary files of a run that was cut off are removed`() throws {
    try channel.add(PackageBlueprint("a"))
    let name = "\(AtomicFile.temporaryPrefix)1-2-repodata.json"
    for directory in ["noarch", "linux-64", ".channel"] {
      try channel("\(directory)/\(name)").write("half a docu")
    }
    try channel.index()
    #expect(try temporaryFiles().isEmpty)
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  @Test func `a package half copied when a run was cut off is removed by one with nothing to do`()
    throws
  {
    try channel.add(PackageBlueprint("a"))
    try channel.index()
    try channel("noarch/\(AtomicFile.temporaryPrefix)1-2").write("half a package")
    let report = try channel.index()
    #expect(report.subdirs.flatMap(\.written).isEmpty)
    #expect(try temporaryFiles().isEmpty)
  }

  @Test func `a run cut off between ledger and documents is finished by the next`() throws {
    try channel.add(PackageBlueprint("a"))
    try channel.index(now: 1)
    let old = try ["noarch/repodata.json", "noarch/repodata.json.zst"].map { name in
      (name, try channel(name).readBytes())
    }
    try channel.add(PackageBlueprint("b"))
    try channel.index(now: 2)
    let new = try channel("noarch/repodata.json").readBytes()
    for count in 1...2 {
      for (name, bytes) in old.prefix(count) { try channel(name).write(bytes) }
      let report = try channel.index(now: 3)
      #expect(report.subdirs.map(\.written.count) == [count])
      #expect(try channel("noarch/repodata.json").readBytes() == new)
      let frame = try channel("noarch/repodata.json.zst").readBytes()
      #expect(try ZstandardFrame.contents(of: frame) == new)
    }
  }

  @Test func `no temporary file is left behind`() throws {
    try channel.add(PackageBlueprint("a"))
    try channel("noarch/bad-1-0.conda").write("bad")
    for _ in 1...2 { try channel.index() }
    #expect(try temporaryFiles().isEmpty)
  }

  private func temporaryFiles() throws -> [String] {
    try channel.snapshot().keys.filter { $0.contains(AtomicFile.temporaryPrefix) }
  }

  // MARK: Runs at the same time

  @Test func `runs at the same time lose nothing`() throws {
    let uploads = 12
    try channel("noarch").createDirectories()
    let work = (0..<4).map { $0 }
    let failures = work.parallelMap(threads: work.count, makeContext: {}) { [channel] worker, _ in
      do {
        for number in stride(from: worker, to: uploads, by: work.count) {
          try channel.add(PackageBlueprint("p\(number)"))
          let report = try channel.index(now: number + 1, threads: 1)
          if !report.failures.isEmpty { return "\(report.failures)" }
          guard try channel.names().contains("p\(number)-1.0-0.conda") else {
            return "p\(number) is not listed after the run that followed its upload"
          }
        }
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(failures == Array(repeating: "", count: work.count))
    let names = (0..<uploads).map { "p\($0)-1.0-0.conda" }.sorted()
    let report = try channel.index(now: 100)
    #expect(try channel.names() == names)
    #expect(report.quarantined.isEmpty)
    #expect(try temporaryFiles().isEmpty)
    for number in 0..<uploads {
      let appearance = try #require(try channel.appearance(of: "p\(number)-1.0-0.conda"))
      #expect((1...uploads).contains(appearance))
    }
  }

  @Test func `subdirs published side by side do not take each other's files away`() throws {
    let subdirs = (0..<12).map { "test-\($0)" }
    for round in 1...2 {
      for subdir in subdirs {
        try channel.add(PackageBlueprint("a", buildNumber: round, subdir: subdir))
      }
      let report = try channel.index(now: round, threads: 8)
      #expect(report.failures.isEmpty)
      #expect(report.subdirs.map(\.published) == [0] + subdirs.map { _ in 1 })
    }
    #expect(try temporaryFiles().isEmpty)
  }

  @Test func `a run that waits in vain names who holds the channel`() throws {
    try channel.add(PackageBlueprint("a"))
    try channel.index()
    let lock = channel(".channel/lock")
    #expect(try lock.readText().hasPrefix("process "))
    try lock.write("process 4711 on elsewhere")
    let held = try LockedFile(lock)
    var options = IndexOptions()
    options.lockTimeout = 0.01
    let indexer = ChannelIndexer(channel: channel.root, options: options)
    let before = try channel.snapshot()
    let error = #expect(throws: ChannelError.self) { try indexer.run() }
    #expect(error?.path == lock)
    #expect(error?.reason.contains("process 4711 on elsewhere") == true)
    #expect(error?.reason.contains("--lock-timeout") == true)
    #expect(error?.reason.contains("0.01 s") == true)
    #expect(try channel.snapshot() == before)

    held.unlock()
    #expect(throws: Never.self) { try indexer.run() }
  }

  @Test func `a lock file that a killed run left behind holds nobody up`() throws {
    try channel(".channel/lock").write("process 1 on a machine long gone, with a name far longer")
    var options = IndexOptions()
    options.lockTimeout = 0
    #expect(throws: Never.self) {
      try ChannelIndexer(channel: channel.root, options: options).run()
    }
    #expect(try channel(".channel/lock").readText().contains("long gone") == false)
  }
}
