import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct ChannelInspectorTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    for name in ["a", "b"] { try channel.add(PackageBlueprint(name)) }
    try channel.add(PackageBlueprint("a"), .tarBz2)
    try channel.add(PackageBlueprint("c", subdir: "linux-64"))
    try channel.index { $0.documents.bzip2 = true }
  }

  private func inspect(digests: Bool = false) throws(ChannelError) -> InspectionReport {
    var inspector = ChannelInspector(channel: channel.root)
    inspector.readsPackages = digests
    inspector.threads = 2
    return try inspector.inspect()
  }

  @Test(arguments: [false, true])
  func `an indexed channel is as it should be, and a look changes nothing`(digests: Bool) throws {
    let before = try channel.snapshot()
    let report = try inspect(digests: digests)
    #expect(report.findings.isEmpty && report.failures.isEmpty)
    #expect(report.packages == 4)
    #expect(try channel.snapshot() == before)
  }

  /// One fault, and the finding that names it.
  struct Fault: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var kind: Finding.Kind
    var path: String
    var make: @Sendable (TestChannel) throws -> Void

    init(
      _ description: String, _ kind: Finding.Kind, _ path: String,
      _ make: @escaping @Sendable (TestChannel) throws -> Void
    ) {
      testDescription = description
      self.kind = kind
      self.path = path
      self.make = make
    }
  }

  static let faults = [
    Fault("a package that is not indexed", .unindexed, "noarch/n-1.0-0.conda") {
      try $0.add(PackageBlueprint("n"))
    },
    Fault("a package that was replaced", .unindexed, "noarch/a-1.0-0.conda") {
      try $0.add(PackageBlueprint("a", depends: ["b"]))
    },
    Fault("a package that is gone", .missing, "noarch/b-1.0-0.conda") {
      try $0("noarch/b-1.0-0.conda").removeRecursively()
    },
    Fault("no ledger", .ledger, "noarch") { try $0(".channel/noarch.ledger").removeRecursively() },
    Fault("a damaged ledger", .ledger, "noarch") { try $0(".channel/noarch.ledger").write("x") },
    Fault("no index", .document, "linux-64/repodata.json") {
      try $0("linux-64/repodata.json").removeRecursively()
    },
    Fault("an index that is no JSON", .document, "linux-64/repodata.json") {
      try $0("linux-64/repodata.json").write("{")
    },
    Fault("a compressed index of another time", .document, "noarch/repodata.json.zst") {
      try $0("noarch/repodata.json.zst").write($0("linux-64/repodata.json.zst").readBytes())
    },
    Fault("a damaged bzip2 index", .document, "noarch/repodata.json.bz2") {
      try $0("noarch/repodata.json.bz2").write("x")
    },
    Fault("run exports of another subdir", .document, "noarch/run_exports.json") {
      try $0("noarch/run_exports.json").write($0("linux-64/run_exports.json").readBytes())
    },
    Fault("a damaged index of shards", .shard, "noarch/repodata_shards.msgpack.zst") {
      try $0("noarch/repodata_shards.msgpack.zst").write("x")
    },
    Fault("an index of other shards", .shard, "noarch/repodata_shards.msgpack.zst") {
      let other = try $0("linux-64/repodata_shards.msgpack.zst").readBytes()
      try $0("noarch/repodata_shards.msgpack.zst").write(other)
    },
    Fault("channeldata of another time", .document, "channeldata.json") {
      let text = try $0("channeldata.json").readText()
      try $0("channeldata.json").write(text.replacing("\"a\":", with: "\"z\":"))
    },
    Fault("a damaged compressed channeldata", .document, "channeldata.json.zst") {
      try $0("channeldata.json.zst").write("x")
    },
    Fault("a leftover", .stray, "noarch/.channel-tmp-1-2") {
      try $0("noarch/.channel-tmp-1-2").write("x")
    },
    Fault("a file that nobody asks for", .stray, "noarch/notes.txt") {
      try $0("noarch/notes.txt").write("x")
    },
    Fault("packages where no client looks", .stray, "stuff") {
      try $0.add(PackageBlueprint("a"), to: "stuff")
    },
    Fault("a shard that no index names", .stray, "noarch/shards/x") {
      try $0("noarch/shards/x").write("x")
    },
    Fault("a file that a server may not read", .permissions, "noarch/repodata.json") {
      try $0("noarch/repodata.json").setPermissions(.ownerReadWrite)
    },
    Fault("a directory that a server may not look into", .permissions, "linux-64") {
      try $0("linux-64").setPermissions([.ownerReadWriteExecute, .groupRead])
    },
    Fault("names that differ in case only", .names, "noarch/repodata.json") {
      try $0("noarch/Repodata.json").write("x")
    },
  ]

  @Test(arguments: faults) func `a fault is named with what to do about it`(fault: Fault) throws {
    try fault.make(channel)
    let report = try inspect()
    let finding = try #require(
      report.findings.first { $0.kind == fault.kind && $0.path == fault.path },
      "\(report.findings)")
    #expect(!finding.problem.isEmpty && !finding.remedy.isEmpty)
    #expect(report.failures.isEmpty)
    let json = try #require(try JSONReader.value(in: report.json).object)
    guard case .array(let findings)? = json["findings"] else { throw Errno.invalidArgument }
    #expect(findings.count == report.findings.count)
  }

  @Test func `a damaged shard and a missing one are told apart`() throws {
    let names = try channel.shardNames()
    let (a, b) = (try #require(names["a"]), try #require(names["b"]))
    try channel("noarch/shards/\(a)").removeRecursively()
    try channel("noarch/shards/\(b)").write("x")
    let problems = Dictionary(
      uniqueKeysWithValues: try inspect().findings.map { ($0.path, $0.problem) })
    #expect(problems["noarch/shards/\(a)"]?.contains("is not there") == true)
    #expect(problems["noarch/shards/\(b)"]?.contains("damaged") == true)
  }

  @Test func `bytes that changed without a trace are found by their digest only`() throws {
    let file = channel("noarch/b-1.0-0.conda")
    let status = try FileStatus(of: file)
    try file.overwrite([0xFF], at: status.size / 2)
    try file.setModificationTime(
      seconds: Int(status.modified.seconds), nanoseconds: Int(status.modified.nanoseconds))
    #expect(try inspect().findings.isEmpty)
    let findings = try inspect(digests: true).findings
    #expect(findings.map(\.kind) == [.mismatch])
    #expect(findings.map(\.path) == ["noarch/b-1.0-0.conda"])
  }

  @Test func `twins whose records differ are found`() throws {
    try channel.add(PackageBlueprint("a", depends: ["b"]), .tarBz2)
    try channel.index { $0.documents.bzip2 = true }
    let findings = try inspect().findings
    #expect(findings.map(\.kind) == [.twins])
    #expect(findings.first?.problem.contains("depends") == true)
  }

  @Test func `a package that was left out is named with its reason`() throws {
    try channel("noarch/bad-1-0.conda").write("x")
    try channel.index { $0.documents.bzip2 = true }
    #expect(try inspect().findings.map(\.kind) == [.quarantined])
  }

  @Test func `what is yanked is no fault, and is told`() throws {
    let patterns = [try #require(PackagePattern("b=*"))]
    _ = try channel.indexer { $0.documents.bzip2 = true }.yank(patterns, reason: "broken")
    let report = try inspect()
    #expect(report.findings.isEmpty)
    #expect(report.yanks.packages.map(\.value.reason) == ["broken"])
    try channel("noarch/b-1.0-0.conda").removeRecursively()
    try channel.index { $0.documents.bzip2 = true }
    #expect(try inspect().findings.map(\.kind) == [.yank])
  }

  @Test func `what retention took out is no fault`() throws {
    try channel.add(PackageBlueprint("b", version: "2"))
    try channel.index {
      $0.documents.bzip2 = true
      $0.retention.versions = 1
    }
    #expect(try inspect().findings.isEmpty)
  }

  @Test func `a run that is under way is waited for`() throws {
    let held = try LockedFile(channel(".channel/lock"))
    var inspector = ChannelInspector(channel: channel.root)
    inspector.lockTimeout = 0
    #expect(throws: ChannelError.self) { try inspector.inspect() }
    held.unlock()
    #expect(try inspector.inspect().findings.isEmpty)
  }

  @Test(.enabled(if: Corpus.directory != nil))
  func `the corpus' one pair of unequal twins is all there is to find`() throws {
    let source = try #require(Corpus.directory).appending("channel")
    let copy = try TestChannel()
    for subdir in try source.entryNames() {
      for name in try source.appending(subdir).entryNames() {
        try copy("\(subdir)/\(name)").write(
          source.appending(subdir).appending(name).readBytes())
      }
    }
    try copy.index()
    let report = try ChannelInspector(channel: copy.root).inspect()
    #expect(report.findings.map(\.kind) == [.twins])
    #expect(report.packages == 560)
  }
}
