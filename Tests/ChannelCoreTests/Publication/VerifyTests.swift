import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

/// Runs that trust nothing, and runs that change nothing.
@Suite struct VerifyTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  /// Two packages of the same size that say different things.
  private func twins() throws -> ([UInt8], [UInt8]) {
    let twins = try ["b", "c"].map { depends in
      var members = try PackageBlueprint("a", depends: [depends]).condaMembers()
      members.append(
        ArchiveMember("filler", Array(repeating: 0, count: 200 - members[2].content.count % 100)))
      return try ZipFile.bytes(of: members)
    }
    try #require(twins[0].count == twins[1].count && twins[0] != twins[1])
    return (twins[0], twins[1])
  }

  @Test func `only a verifying run finds a package that changed without a trace`() throws {
    let (first, second) = try twins()
    let file = channel("noarch/a-1.0-0.conda")
    try file.write(first)
    try channel.index(now: 100)
    let before = try FileStatus(of: file)
    try file.write(second)
    try file.setModificationTime(
      seconds: Int(before.modified.seconds), nanoseconds: Int(before.modified.nanoseconds))
    try #require(try FileStatus(of: file) == before)

    #expect(try channel.index(now: 200).subdirs.map(\.updated.count) == [0])
    let report = try channel.index(now: 300) { $0.rereads = .all }
    #expect(report.subdirs.map(\.updated.count) == [1])
    #expect(report.subdirs.map(\.warnings.count) == [1])
    let warning = report.subdirs.first?.warnings.first
    #expect(warning?.hasPrefix("\(file): its content changed") == true)
    let record = try channel.record("a-1.0-0.conda")
    #expect(record?["depends"] == .array([.string("c")]))
    #expect(record?["sha256"]?.string == Digest.sha256(of: second).description)
    #expect(record?["indexed_timestamp"]?.integer == 300)
    #expect(
      try channel.shard(of: "a")["packages.conda"]?["a-1.0-0.conda"]?["sha256"]?.binary
        == Digest.sha256(of: second).bytes)
  }

  @Test func `a verifying run of a sound channel changes no byte, no time and no inode`() throws {
    for name in ["a", "b"] { try channel.add(PackageBlueprint(name)) }
    try channel.index(now: 100)
    let before = try channel.snapshot().filter { $0.key.hasPrefix("noarch/") }
    let report = try channel.index(now: 200) { $0.rereads = .all }
    #expect(report.subdirs.map(\.warnings) == [[]])
    #expect(report.subdirs.map(\.written) == [[]])
    #expect(try channel.snapshot().filter { $0.key.hasPrefix("noarch/") } == before)
  }

  // MARK: Rehearsals

  @Test func `a rehearsal tells what a run would do and changes nothing`() throws {
    for name in ["gone", "changed", "kept"] { try channel.add(PackageBlueprint(name)) }
    try channel.index(now: 100)
    try channel("noarch/gone-1.0-0.conda").removeRecursively()
    try channel.add(PackageBlueprint("changed", depends: ["b"]))
    try channel.add(PackageBlueprint("new"))
    try channel("noarch/bad-1-0.conda").write("bad")
    try channel.add(PackageBlueprint("new", subdir: "linux-64"))
    let before = try channel.tree()

    let rehearsal = try channel.indexer(now: 200).rehearse()
    #expect(try channel.tree() == before)
    #expect(rehearsal.failures.isEmpty)
    #expect(rehearsal.subdirs.map(\.platform.name) == ["linux-64", "noarch"])
    #expect(
      rehearsal.subdirs.map { $0.added.map(\.fileName) }
        == Array(repeating: ["new-1.0-0.conda"], count: 2))
    #expect(rehearsal.subdirs[1].removed.map(\.fileName) == ["gone-1.0-0.conda"])
    #expect(rehearsal.quarantined.map(\.path) == [channel("noarch/bad-1-0.conda")])
    let update = try #require(rehearsal.subdirs[1].updated.first)
    #expect(update.archive.fileName == "changed-1.0-0.conda")
    let fields = update.fields
    #expect(
      fields.map(\.name).filter { $0 != "size" } == [
        "depends", "indexed_timestamp", "md5", "sha256",
      ])
    #expect(fields[0].before == .array([]) && fields[0].after == .array([.string("b")]))

    var report = try channel.index(now: 200)
    for index in report.subdirs.indices { report.subdirs[index].written = [] }
    report.channel.written = []
    #expect(report == rehearsal)
  }

  @Test func `a rehearsal of a channel that was never indexed makes no directory`() throws {
    try channel.add(PackageBlueprint("a", subdir: "linux-64"))
    let before = try channel.tree()
    let report = try channel.indexer().rehearse()
    #expect(report.subdirs.first?.added.count == 1)
    #expect(report.failures.isEmpty)
    #expect(try channel.tree() == before)
  }

  @Test func `a rehearsal waits for nobody`() throws {
    try channel.add(PackageBlueprint("a"))
    try channel.index()
    let held = try LockedFile(channel(".channel/lock"))
    #expect(throws: Never.self) { try channel.indexer { $0.lockTimeout = 0 }.rehearse() }
    held.unlock()
  }
}

extension TestChannel {
  /// Every file and directory with its times and what it holds, the lock too.
  fileprivate func tree() throws -> [String: FileState] {
    var tree: [String: FileState] = [:]
    try collect(root, into: &tree)
    return tree
  }

  private func collect(_ path: FilePath, into tree: inout [String: FileState]) throws {
    let status = try FileStatus(of: path, followingLinks: false)
    let isDirectory = status.kind == .directory
    tree[path.string] = FileState(bytes: isDirectory ? [] : try path.readBytes(), status: status)
    guard isDirectory else { return }
    for name in try path.entryNames() { try collect(path.appending(name), into: &tree) }
  }
}
