import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct AdmissionTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  /// A package outside the channel.
  @discardableResult
  private func package(
    _ blueprint: PackageBlueprint, named name: String? = nil
  ) throws -> FilePath {
    let file = channel.directory("incoming").appending(name ?? blueprint.condaFileName)
    try file.write(try blueprint.conda())
    return file
  }

  private func add(
    _ files: FilePath..., now: Int = 1_000, options: AdmissionOptions = AdmissionOptions()
  ) throws -> AdmissionReport {
    try channel.indexer(now: now).add(files.map { PackageCandidate(file: $0) }, options: options)
  }

  private var moving: AdmissionOptions {
    var options = AdmissionOptions()
    options.moves = true
    return options
  }

  private var replacing: AdmissionOptions {
    var options = AdmissionOptions()
    options.replaces = true
    return options
  }

  @Test func `packages find their subdirs and are published at once`() throws {
    let report = try add(
      package(PackageBlueprint("a")), package(PackageBlueprint("b", subdir: "linux-64")), now: 42)
    #expect(report.entries.map(\.outcome) == [.added, .added])
    #expect(report.entries.map(\.subdir?.name) == ["noarch", "linux-64"])
    #expect(report.refused.isEmpty && report.index.failures.isEmpty)
    #expect(try channel.names() == ["a-1.0-0.conda"])
    #expect(try channel.names(in: "linux-64") == ["b-1.0-0.conda"])
    #expect(try channel.appearance(of: "a-1.0-0.conda") == 42)
    #expect(channel.directory("incoming/a-1.0-0.conda").exists)
  }

  @Test func `what is added is what a run over the whole channel finds`() throws {
    try channel.add(PackageBlueprint("old"))
    try channel.index(now: 7)
    let copy = try TestChannel()
    for name in ["old", "new"] { try copy.add(PackageBlueprint(name)) }
    _ = try add(package(PackageBlueprint("new")), now: 7)
    try copy.index(now: 7)
    #expect(try channel.publicFiles() == copy.publicFiles())
    let settled = try channel.snapshot()
    let report = try channel.index(now: 9)
    #expect(report.subdirs.allSatisfy { $0.written.isEmpty && $0.added.isEmpty })
    #expect(try channel.snapshot() == settled)
  }

  @Test func `what is yanked, patched away or outdated is not reported as listed`() throws {
    for version in ["1.0", "2.0"] { _ = try add(package(PackageBlueprint("a", version: version))) }
    let yanked = try #require(PackagePattern("a-2.0-0"))
    _ = try channel.indexer().yank([yanked], reason: "broken")
    let patches = channel.directory("noarch.json")
    try patches.write(#"{"patch_instructions_version":1,"remove":["c-1.0-0.conda"]}"#)
    let files = [
      channel.directory("incoming/a-2.0-0.conda"),
      try package(PackageBlueprint("a", version: "0.1")),
      try package(PackageBlueprint("c")), try package(PackageBlueprint("d")),
    ]
    let indexer = channel.indexer { options in
      options.retention.versions = 1
      options.patches = patches
    }
    let report = try indexer.add(files.map { PackageCandidate(file: $0) })
    #expect(
      report.entries.map(\.withheld) == [
        "yanked: broken", "not among the newest 1 versions", "removed by patches", nil,
      ])
    #expect(try channel.names() == ["a-1.0-0.conda", "d-1.0-0.conda"])
  }

  @Test func `nothing else is read`() throws {
    let other = try channel.add(PackageBlueprint("other"))
    try channel.index()
    // Were it looked at, it would be found damaged.
    try other.write("no package")
    try channel("noarch/unknown-1-0.conda").write("no package either")
    let report = try add(package(PackageBlueprint("new")))
    #expect(report.index.quarantined.isEmpty)
    #expect(try channel.names() == ["new-1.0-0.conda", "other-1.0-0.conda"])
  }

  @Test func `without a ledger the other packages are read as well`() throws {
    try channel.add(PackageBlueprint("other"))
    _ = try add(package(PackageBlueprint("new")))
    #expect(try channel.names() == ["new-1.0-0.conda", "other-1.0-0.conda"])
  }

  @Test func `one that is refused does not keep the others out`() throws {
    let bad = try package(PackageBlueprint("bad"))
    try bad.write("no package")
    let report = try add(bad, package(PackageBlueprint("good")))
    #expect(report.refused.map(\.code.description) == ["damaged"])
    #expect(report.entries.last?.outcome == .added)
    #expect(try channel.names() == ["good-1.0-0.conda"])
    #expect(try channel("noarch").entryNames().filter { $0.hasSuffix(".conda") }.count == 1)
  }

  @Test(arguments: [
    ("a-2.0-0.conda", "file-name"), ("a.zip", "unreadable-name"), ("none-1-0.conda", "unreadable"),
  ])
  func `a name that does not fit is refused`(name: String, code: String) throws {
    let file = channel.directory("incoming").appending(name)
    if !name.hasPrefix("none") { try package(PackageBlueprint("a"), named: name) }
    let report = try add(file)
    #expect(report.refused.map(\.code.description) == [code])
    #expect(report.index.subdirs.isEmpty)
  }

  @Test func `a package that names no subdir is refused`() throws {
    var blueprint = PackageBlueprint("a")
    blueprint.indexFields["subdir"] = #""nowhere""#
    let report = try add(package(blueprint))
    #expect(report.refused.map(\.reason).first?.contains("for which subdir") == true)
  }

  @Test func `an upload may lie under any name`() throws {
    let file = try package(PackageBlueprint("a"), named: "upload-17")
    let report = try channel.indexer().add(
      [PackageCandidate(file: file, name: "a-1.0-0.conda")], options: moving)
    #expect(report.entries.map(\.outcome) == [.added])
    #expect(try channel.names() == ["a-1.0-0.conda"])
    #expect(!file.exists)
  }

  @Test func `the same bytes again are a success that changes nothing`() throws {
    let file = try package(PackageBlueprint("a"))
    _ = try add(file, now: 1)
    let before = try channel.snapshot()
    let report = try add(file, now: 2)
    #expect(report.entries.map(\.outcome) == [.unchanged])
    #expect(try channel.snapshot() == before)
  }

  @Test func `other bytes under a name that is taken are refused unless they may replace`() throws {
    _ = try add(package(PackageBlueprint("a")), now: 1)
    let before = try channel.snapshot()
    let other = try package(PackageBlueprint("a", depends: ["b"]))
    let refused = try add(other, now: 2)
    #expect(refused.refused.map(\.code) == [.nameTaken])
    #expect(try channel.snapshot() == before)
    let report = try add(other, now: 3, options: replacing)
    #expect(report.entries.map(\.outcome) == [.replaced])
    #expect(try channel.record("a-1.0-0.conda")?["depends"] == .array([.string("b")]))
    #expect(try channel.appearance(of: "a-1.0-0.conda") == 3)
  }

  @Test func `of two candidates with one name and other bytes the first is let in`() throws {
    let first = try package(PackageBlueprint("a"))
    let second = channel.directory("other/a-1.0-0.conda")
    try second.write(try PackageBlueprint("a", depends: ["b"]).conda())
    let report = try add(first, second)
    #expect(report.entries.first?.outcome == .added)
    #expect(report.refused.map(\.path) == [second])
  }

  @Test func `a file of the channel itself is published and stays, even when it is to be moved`()
    throws
  {
    let file = try channel.add(PackageBlueprint("a"))
    let report = try add(file, options: moving)
    #expect(report.entries.map(\.outcome) == [.unchanged])
    #expect(file.exists)
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  @Test func `a moved file keeps its inode and can be read by a server`() throws {
    let file = try package(PackageBlueprint("a"))
    try file.setPermissions(.ownerReadWrite)
    let inode = try FileStatus(of: file).inode
    _ = try add(file, options: moving)
    #expect(!file.exists)
    let moved = channel("noarch/a-1.0-0.conda")
    #expect(try FileStatus(of: moved).inode == inode)
    #expect(try FileStatus.permissions(of: moved).contains(.otherRead))
  }

  @Test(.enabled(if: TinyFileSystem.isAvailable, "needs the right to mount file systems"))
  func `a file on another file system is copied and then removed`() throws {
    let disk = try TinyFileSystem(kilobytes: 64)
    let file = disk.path.appending("a-1.0-0.conda")
    try file.write(try PackageBlueprint("a").conda())
    let report = try add(file, options: moving)
    #expect(report.entries.map(\.outcome) == [.added])
    #expect(!file.exists)
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  @Test func `a link is followed, and what it leads to stays`() throws {
    let file = try package(PackageBlueprint("a"))
    let link = channel.directory("links/a-1.0-0.conda")
    try channel.directory("links").createDirectories()
    try link.createSymbolicLink(to: file)
    _ = try add(link, options: moving)
    #expect(file.exists && !link.exists)
    let added = try FileStatus(of: channel("noarch/a-1.0-0.conda"), followingLinks: false)
    #expect(added.kind == .regular)
  }
}
