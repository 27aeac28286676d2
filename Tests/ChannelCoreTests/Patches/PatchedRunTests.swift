import ChannelCore
import Glibc
import Support
import SystemPackage
import Testing

/// Patches from run to run: what they change is published, and leaves no trace when they go.
@Suite struct PatchedRunTests {
  private let channel: TestChannel

  init() throws {
    channel = try Self.channel()
  }

  private static func channel() throws -> TestChannel {
    let channel = try TestChannel()
    for name in ["a", "b", "c"] {
      for format in ArchiveName.Format.allCases { try channel.add(PackageBlueprint(name), format) }
    }
    return channel
  }

  private static let patch = instructions(
    version: 2, #""packages":{"a-1.0-0.tar.bz2":{"license":"X","run_exports":["a"]}}"#,
    #""remove":["b-1.0-0.conda"]"#)

  /// What clients see, but for shards that are kept for those who still ask.
  private func documents(of channel: TestChannel) throws -> [String: [UInt8]] {
    try channel.publicFiles().filter { !$0.key.contains("/shards/") }
  }

  private static let originals = [
    "noarch/repodata_from_packages.json", "noarch/repodata_from_packages.json.zst",
  ]

  @Test func `patches that are dropped leave no trace`() throws {
    try channel.index(now: 10)
    let before = try documents(of: channel)
    try channel.index(now: 20, patches: Self.patch)
    #expect(try documents(of: channel) != before)
    let report = try channel.index(now: 30)
    #expect(try documents(of: channel) == before)
    #expect(
      report.subdirs.first?.withdrawn == [.repodataFromPackages, .repodataFromPackagesZstandard])
  }

  @Test func `the index before patches is published beside a patched one, and only then`() throws {
    try channel.index(now: 10)
    let before = try documents(of: channel)
    #expect(before[Self.originals[0]] == nil)
    try channel.index(now: 20, patches: Self.patch)
    let after = try documents(of: channel)
    #expect(after[Self.originals[0]] == before["noarch/repodata.json"])
    #expect(after[Self.originals[1]] == before["noarch/repodata.json.zst"])
    try channel.index(now: 30, patches: instructions(#""remove":["x-1-0.conda"]"#))
    #expect(try documents(of: channel) == before)
  }

  @Test func `a document of that name that another tool made stays, and nobody minds`() throws {
    for name in Self.originals { try channel(name).write("foreign") }
    for _ in 1...2 {
      let report = try channel.index()
      #expect(report.subdirs.flatMap(\.warnings) == [])
    }
    for name in Self.originals { #expect(try channel(name).readText() == "foreign") }
  }

  @Test func `a run that finds nothing new changes no byte, no time and no inode`() throws {
    try channel.index(now: 10, patches: Self.patch)
    let before = try channel.snapshot()
    let spaced = Self.patch.map { "\($0)" == "," ? " ,\n" : "\($0)" }.joined()
    for patch in [Self.patch, spaced] {
      let report = try channel.index(now: 20, patches: patch)
      #expect(report.subdirs.map(\.written) == [[]])
      #expect(report.subdirs.map(\.published) == [5])
    }
    #expect(try channel.snapshot() == before)
  }

  @Test func `the order of runs does not show`() throws {
    try channel.index(now: 10)
    try channel.index(
      now: 10, patches: instructions(#""revoke":["a-1.0-0.conda","c-1.0-0.conda"]"#))
    try channel.index(now: 10, patches: Self.patch)
    let fresh = try Self.channel()
    try fresh.index(now: 10, patches: Self.patch)
    #expect(try documents(of: channel) == documents(of: fresh))
  }

  @Test func `patches that change make anew the shards of the names they concern, and no other`()
    throws
  {
    func license(_ name: String, _ license: String) -> String {
      #""\#(name)-1.0-0.conda":{"license":"\#(license)"}"#
    }
    try channel.index(patches: instructions(#""packages.conda":{\#(license("a", "1"))}"#))
    let first = try channel.shardNames()
    try channel.index(
      patches: instructions(#""packages.conda":{\#(license("a", "1")),\#(license("b", "1"))}"#))
    let second = try channel.shardNames()
    try channel.index(
      patches: instructions(#""packages.conda":{\#(license("a", "2"))}"#))
    let third = try channel.shardNames()
    #expect(Set([first["a"], second["a"]]).count == 1 && third["a"] != first["a"])
    #expect(first["b"] != second["b"] && first["b"] == third["b"])
    #expect(Set([first["c"], second["c"], third["c"]]).count == 1)
  }

  @Test func `a package that is replaced is patched as the one before`() throws {
    try channel.index(now: 10, patches: Self.patch)
    try channel.add(PackageBlueprint("a", depends: ["new"]))
    let report = try channel.index(now: 20, patches: Self.patch)
    let record = try #require(try channel.record("a-1.0-0.conda"))
    #expect(record["license"] == .string("X"))
    #expect(record["depends"]?.strings == ["new"])
    #expect(report.subdirs.first?.updated.map(\.archive.fileName) == ["a-1.0-0.conda"])
    let fields = report.subdirs.first?.updated.first?.fields.map(\.name) ?? []
    #expect(fields.contains("depends") && !fields.contains("license"))
  }

  @Test func `channeldata follows patches as well`() throws {
    try channel.index(now: 10)
    let before = try channel("channeldata.json").readBytes()
    let patch = instructions(
      #""packages":{"a-1.0-0.tar.bz2":{"license":"X"}}"#, #""remove":["b-1.0-0.tar.bz2"]"#)
    try channel.index(now: 20, patches: patch)
    let packages = try channel.json("channeldata.json")["packages"]?.object
    #expect(packages?.members.map(\.name) == ["a", "c"])
    #expect(packages?["a"]?.object?["license"] == .string("X"))
    try channel.index(now: 30)
    #expect(try channel("channeldata.json").readBytes() == before)
  }

  @Test func `a package that is added later is patched when it is let in`() throws {
    let path = try channel.patches(
      instructions(#""packages.conda":{"d-1.0-0.conda":{"license":"X"}}"#))
    try channel.index(now: 10) { $0.patches = path }
    let file = channel.directory("d-1.0-0.conda")
    try file.write(PackageBlueprint("d").conda())
    let report = try channel.indexer(now: 20) { $0.patches = path }.add([.init(file: file)])
    #expect(report.refused.isEmpty && report.index.failures.isEmpty)
    #expect(try channel.record("d-1.0-0.conda")?["license"] == .string("X"))
    let malformed = try channel.patches("[]")
    let other = channel.directory("e-1.0-0.conda")
    try other.write(PackageBlueprint("e").conda())
    #expect(throws: ChannelError.self) {
      try channel.indexer { $0.patches = malformed }.add([.init(file: other)])
    }
    #expect(!channel("noarch/e-1.0-0.conda").exists)
  }

  // MARK: The report

  @Test(arguments: [true, false])
  func `the report tells what is listed otherwise than before`(isRehearsal: Bool) throws {
    try channel.index(now: 10)
    try channel.add(PackageBlueprint("d"))
    let path = try channel.patches(Self.patch)
    let indexer = channel.indexer(now: 20) { $0.patches = path }
    let before = try channel.snapshot()
    let report = isRehearsal ? try indexer.rehearse() : try indexer.run()
    let subdir = try #require(report.subdirs.first)
    #expect(subdir.added.map(\.fileName) == ["d-1.0-0.conda"])
    #expect(subdir.removed.map(\.fileName) == ["b-1.0-0.conda"])
    #expect(subdir.updated.map(\.archive.fileName) == ["a-1.0-0.conda", "a-1.0-0.tar.bz2"])
    #expect(subdir.updated.flatMap(\.fields).map(\.name) == ["license", "license"])
    #expect(subdir.published == 6)
    if isRehearsal { #expect(try channel.snapshot() == before) }
  }

  @Test func `a channel's first report counts no package that patches remove`() throws {
    let report = try channel.index(patches: Self.patch)
    #expect(report.subdirs.first?.added.count == 5)
    let dropped = try channel.index()
    #expect(dropped.subdirs.first?.added.map(\.fileName) == ["b-1.0-0.conda"])
    #expect(dropped.subdirs.first?.updated.count == 2)
  }

  // MARK: Crashes

  /// A run that the kernel kills at one of its steps, while new patches come in.
  private static func killedRun(in root: String, by patches: String, at step: Int) {
    let counter = StepCounter()
    var options = IndexOptions()
    options.threads = 1
    options.patches = FilePath(patches)
    var indexer = ChannelIndexer(channel: FilePath(root), options: options)
    indexer.now = { 20 }
    indexer.publicationObserver = { _ in
      if counter.next() == step { kill(getpid(), SIGKILL) }
    }
    _ = try? indexer.run()
  }

  private static let steps: Int = {
    let counter = StepCounter()
    guard let channel = try? channel(), (try? channel.index(now: 10)) != nil,
      let path = try? channel.patches(patch)
    else { return 1 }
    var indexer = channel.indexer(now: 20) { $0.patches = path }
    indexer.publicationObserver = { _ in _ = counter.next() }
    _ = try? indexer.run()
    return max(1, counter.next() - 1)
  }()

  @Test(arguments: Array(stride(from: 1, through: steps, by: 2)))
  func `a run killed while patches come in is made up for, whether they stay or go`(
    step: Int
  ) async throws {
    #expect(Self.steps > 10)
    try channel.index(now: 10)
    let before = try documents(of: channel)
    let (root, patches) = (channel.root.string, try channel.patches(Self.patch).string)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = root as String, patches = patches as String, step = step as Int] in
      Self.killedRun(in: root, by: patches, at: step)
    }
    let other = try channel.twin()
    try other.index(now: 30)
    #expect(try documents(of: other) == before)
    try channel.index(now: 30, patches: Self.patch)
    let patched = try Self.channel()
    try patched.index(now: 10, patches: Self.patch)
    #expect(try documents(of: channel) == documents(of: patched))
    for channel in [channel, other] {
      for name in try channel.shardNames().values {
        let bytes = try channel("noarch/shards/\(name)").readBytes()
        #expect("\(Digest.sha256(of: bytes)).msgpack.zst" == name)
      }
    }
  }
}
