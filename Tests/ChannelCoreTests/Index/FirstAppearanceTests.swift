import ChannelCore
import Support
import SystemPackage
import Testing

/// CEP 47: `indexed_timestamp` says when a package first appeared, whatever happened since.
@Suite struct FirstAppearanceTests {
  private let channel: TestChannel
  private let name = "a-1.0-0.conda"
  private var file: FilePath { channel("noarch/\(name)") }
  private var ledger: FilePath { channel(".channel/noarch.ledger") }

  init() throws {
    channel = try TestChannel()
    try channel.add(PackageBlueprint("a"))
    try channel.index(now: 100)
  }

  @Test func `it is the time of the run that first published the package`() throws {
    #expect(try channel.appearance(of: name) == 100)
    try channel.add(PackageBlueprint("b"))
    try channel.index(now: 200)
    #expect(try channel.appearance(of: name) == 100)
    #expect(try channel.appearance(of: "b-1.0-0.conda") == 200)
  }

  @Test func `it is never the package's own word`() throws {
    var blueprint = PackageBlueprint("b")
    blueprint.indexFields = ["indexed_timestamp": "1"]
    try channel.add(blueprint)
    try channel.index(now: 200)
    #expect(try channel.appearance(of: "b-1.0-0.conda") == 200)
  }

  @Test func `it survives a new date, a new inode and a lost ledger`() throws {
    try file.setModificationTime(seconds: 1_700_000_000)
    try channel.index(now: 200)
    #expect(try channel.appearance(of: name) == 100)

    let copy = channel.directory("copy")
    try copy.write(try file.readBytes())
    try copy.rename(to: file)
    try channel.index(now: 300)
    #expect(try channel.appearance(of: name) == 100)

    try ledger.removeRecursively()
    try channel.index(now: 400)
    #expect(try channel.appearance(of: name) == 100)
  }

  @Test func `it survives a lost index as long as there is a ledger`() throws {
    try channel("noarch/repodata.json").removeRecursively()
    try channel("noarch/repodata.json.zst").removeRecursively()
    try channel.index(now: 200)
    #expect(try channel.appearance(of: name) == 100)
  }

  @Test func `it survives one damaged byte anywhere of the ledger`() throws {
    let good = try ledger.readBytes()
    let published = try channel("noarch/repodata.json").readBytes()
    // Coprime to every field's length, so that each kind of byte is met.
    for position in stride(from: 0, to: good.count, by: 11) {
      var damaged = good
      damaged[position] ^= position % 2 == 0 ? 0xFF : 0x01
      try ledger.write(damaged)
      let report = try channel.index(now: 200)
      #expect(report.failures.isEmpty)
      #expect(report.subdirs.map(\.written) == [[]], "byte \(position)")
      #expect(try ledger.readBytes() == good, "byte \(position)")
    }
    #expect(try channel("noarch/repodata.json").readBytes() == published)
  }

  @Test func `it survives a ledger cut off anywhere or grown`() throws {
    let good = try ledger.readBytes()
    for end in stride(from: 0, to: good.count, by: 29) {
      try ledger.write(Array(good[..<end]))
      #expect(try channel.index(now: 200).subdirs.map(\.written) == [[]], "cut at \(end)")
      #expect(try ledger.readBytes() == good, "cut at \(end)")
    }
    try ledger.write(good + [0])
    try channel.index(now: 200)
    #expect(try ledger.readBytes() == good)
  }

  @Test func `it survives deletion and return of the same bytes`() throws {
    let bytes = try file.readBytes()
    try file.removeRecursively()
    for now in [200, 300] { try channel.index(now: now) }
    #expect(try channel.names().isEmpty)
    try file.write(bytes)
    try channel.index(now: 400)
    #expect(try channel.appearance(of: name) == 100)
  }

  @Test func `it survives a time of garbage in between`() throws {
    let bytes = try file.readBytes()
    try file.write("garbage")
    for now in [200, 300] { try channel.index(now: now) }
    #expect(try channel.names().isEmpty)
    try file.write(bytes)
    try channel.index(now: 400)
    #expect(try channel.appearance(of: name) == 100)
  }

  @Test func `other bytes under the same name get a time of their own`() throws {
    try channel.add(PackageBlueprint("a", depends: ["b"]))
    try channel.index(now: 200)
    #expect(try channel.appearance(of: name) == 200)
  }

  @Test func `other bytes get a time of their own after deletion, too`() throws {
    try file.removeRecursively()
    try channel.index(now: 200)
    try channel.add(PackageBlueprint("a", depends: ["b"]))
    try channel.index(now: 300)
    #expect(try channel.appearance(of: name) == 300)
  }

  @Test func `other bytes get a time of their own when the ledger is lost as well`() throws {
    try ledger.removeRecursively()
    try channel.add(PackageBlueprint("a", depends: ["b"]))
    try channel.index(now: 200)
    #expect(try channel.appearance(of: name) == 200)
  }

  @Test func `one package in two subdirs appears in each on its own`() throws {
    try channel.add(PackageBlueprint("a"), to: "linux-64")
    try channel.index(now: 200)
    let record = try #require(try channel.record(name, in: "linux-64"))
    #expect(record["indexed_timestamp"]?.integer == 200)
    #expect(try channel.appearance(of: name) == 100)
  }

  // MARK: Channels that another tool indexed

  /// An index that lists the package as another tool would, and no ledger.
  private func adopt(_ fields: String, sha256: String? = nil) throws {
    try ledger.removeRecursively()
    let sha256 = try sha256 ?? Digest.sha256(of: file.readBytes()).description
    try channel("noarch/repodata.json").write(
      #"{"packages":{},"packages.conda":{"\#(name)":{"sha256":"\#(sha256)"\#(fields)}}}"#)
  }

  @Test func `a time that another tool published is kept`() throws {
    try adopt(#","indexed_timestamp":77"#)
    try channel.index(now: 200)
    #expect(try channel.appearance(of: name) == 77)
  }

  @Test func `a package listed without a time is as old as its file`() throws {
    try file.setModificationTime(seconds: 5)
    try adopt("")
    try channel.index(now: 20_000)
    #expect(try channel.appearance(of: name) == 5_000)
  }

  @Test func `a file dated in the future appears now`() throws {
    try file.setModificationTime(seconds: 4_000_000_000)
    try adopt("")
    try channel.index(now: 200)
    #expect(try channel.appearance(of: name) == 200)
  }

  @Test func `a time that belongs to other bytes is not taken over`() throws {
    try adopt(#","indexed_timestamp":77"#, sha256: String(repeating: "0", count: 64))
    try channel.index(now: 200)
    #expect(try channel.appearance(of: name) == 200)
  }

  @Test(arguments: [
    "", "{", "[]", "null", #"{"packages.conda":[]}"#, #"{"packages.conda":{"a":1}}"#,
  ])
  func `an index that cannot be read tells nothing and is replaced`(text: String) throws {
    try ledger.removeRecursively()
    try channel("noarch/repodata.json").write(text)
    let report = try channel.index(now: 200)
    #expect(report.failures.isEmpty)
    #expect(try channel.appearance(of: name) == 200)
  }

  @Test(arguments: ["-5", "1.5", "\"1\"", "null"])
  func `a time that is none is not taken over`(value: String) throws {
    try adopt(#","indexed_timestamp":\#(value)"#)
    try channel.index(now: 20_000_000)
    let appearance = try #require(try channel.appearance(of: name))
    #expect((0...20_000_000).contains(appearance))
  }
}
