import ChannelCore
import Support
import SystemPackage
import Testing

@Suite struct ChannelIndexerTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  @Test func `packages of both formats are published with their digests`() throws {
    let conda = try channel.add(PackageBlueprint("a", depends: ["b >=1"]))
    let tar = try channel.add(PackageBlueprint("b", subdir: "linux-64"), .tarBz2)
    let report = try channel.index(now: 42)

    #expect(report.failures.isEmpty)
    #expect(report.warnings.isEmpty)
    #expect(report.subdirs.map(\.platform.name) == ["linux-64", "noarch"])
    #expect(report.subdirs.map(\.published) == [1, 1])
    #expect(report.subdirs.map(\.added.count) == [1, 1])
    for (file, subdir, name) in [(conda, "noarch", "a"), (tar, "linux-64", "b")] {
      let bytes = try file.readBytes()
      let record = try #require(try channel.record(file.lastComponent?.string ?? "", in: subdir))
      #expect(record["name"] == .string(name))
      #expect(record["size"]?.integer == bytes.count)
      #expect(record["sha256"] == .string(Digest.sha256(of: bytes).description))
      #expect(record["md5"]?.string?.utf8.count == 32)
      #expect(record["indexed_timestamp"]?.integer == 42)
    }
  }

  @Test func `an empty subdir has a valid empty index`() throws {
    try channel.index()
    let expected =
      #"{"info":{"subdir":"noarch"},"packages":{},"packages.conda":{},"removed":[],"#
      + #""repodata_version":1}"#
    #expect(try channel("noarch/repodata.json").readText() == expected)
  }

  @Test func `the document is canonical and its Zstandard twin holds the same bytes`() throws {
    for name in ["b", "a", "B", "a_"] { try channel.add(PackageBlueprint(name)) }
    try channel.add(PackageBlueprint("c"), .tarBz2)
    try channel.index()
    let bytes = try channel("noarch/repodata.json").readBytes()
    #expect(JSONWriter.bytes(of: try JSONReader.value(in: bytes)) == bytes)
    #expect(bytes.allSatisfy { (0x20...0x7E).contains($0) })
    let frame = try channel("noarch/repodata.json.zst").readBytes()
    #expect(try ZstandardFrame.contents(of: frame) == bytes)
    #expect(
      try channel.names() == [
        "a-1.0-0.conda", "a_-1.0-0.conda", "b-1.0-0.conda", "c-1.0-0.tar.bz2",
      ])
  }

  @Test func `a new package joins the index without touching the others`() throws {
    try channel.add(PackageBlueprint("a"))
    try channel.index(now: 1)
    let before = try channel.record("a-1.0-0.conda")
    try channel.add(PackageBlueprint("b"))
    let report = try channel.index(now: 2)
    #expect(try channel.names() == ["a-1.0-0.conda", "b-1.0-0.conda"])
    #expect(try channel.record("a-1.0-0.conda") == before)
    #expect(report.subdirs.map(\.added.count) == [1])
    #expect(report.subdirs.map(\.updated.count) == [0])
  }

  @Test func `a package replaced under its name is read again`() throws {
    try channel.add(PackageBlueprint("a", depends: ["b"]))
    try channel.index()
    let file = try channel.add(PackageBlueprint("a", depends: ["c", "d"]))
    let report = try channel.index()
    #expect(report.subdirs.map(\.updated.count) == [1])
    #expect(report.subdirs.map(\.added.count) == [0])
    let record = try #require(try channel.record("a-1.0-0.conda"))
    #expect(record["depends"] == .array([.string("c"), .string("d")]))
    #expect(record["sha256"]?.string == Digest.sha256(of: try file.readBytes()).description)
  }

  @Test(arguments: [true, false])
  func `a package replaced by one of the same size and time is read again`(
    inPlace: Bool
  ) throws {
    // Stored, so that a byte more in one place is a byte more in the file.
    func bytes(_ depends: String) throws -> [UInt8] {
      let blueprint = PackageBlueprint("a", depends: [depends])
      var members = try blueprint.condaMembers()
      members.append(
        ArchiveMember("filler", Array(repeating: 0, count: 200 - members[2].content.count % 100)))
      return try ZipFile.bytes(of: members)
    }
    let first = try bytes("b")
    let second = try bytes("c")
    try #require(first.count == second.count && first != second)
    let file = channel("noarch/a-1.0-0.conda")
    try file.write(first)
    try file.setModificationTime(seconds: 1_600_000_000)
    try channel.index()

    if inPlace {
      // What rsync leaves: the time of the original, here a nanosecond apart.
      try file.write(second)
      try file.setModificationTime(seconds: 1_600_000_000, nanoseconds: 1)
    } else {
      let other = channel.directory("upload")
      try other.write(second)
      try other.setModificationTime(seconds: 1_600_000_000)
      try other.rename(to: file)
    }
    #expect(try channel.index().subdirs.map(\.updated.count) == [1])
    #expect(try channel.record("a-1.0-0.conda")?["depends"] == .array([.string("c")]))
  }

  @Test func `a package touched but not changed stays as it is`() throws {
    let file = try channel.add(PackageBlueprint("a"))
    try channel.index(now: 1)
    let before = try channel("noarch/repodata.json").readBytes()
    try file.setModificationTime(seconds: 1_700_000_000)
    let report = try channel.index(now: 2)
    #expect(report.subdirs.map(\.updated.count) == [0])
    #expect(report.subdirs.map(\.written) == [[]])
    #expect(try channel("noarch/repodata.json").readBytes() == before)
  }

  @Test(arguments: ArchiveName.Format.allCases)
  func `a deleted package leaves the index`(format: ArchiveName.Format) throws {
    let file = try channel.add(PackageBlueprint("a"), format)
    try channel.add(PackageBlueprint("b"), format)
    try channel.index()
    try file.removeRecursively()
    let report = try channel.index()
    #expect(report.subdirs.map(\.removed.count) == [1])
    #expect(report.subdirs.map(\.published) == [1])
    #expect(try channel.names() == ["b-1.0-0\(format.rawValue)"])
    #expect(try channel.index().subdirs.map(\.removed.count) == [0])
  }

  @Test func `a renamed package leaves the index under its old name and moves back with it`() throws
  {
    let file = try channel.add(PackageBlueprint("a"))
    let other = channel("noarch/z-2-0.conda")
    try channel.index()
    try file.rename(to: other)
    let report = try channel.index()
    #expect(try channel.names().isEmpty)
    #expect(report.subdirs.map { [$0.added.count, $0.removed.count] } == [[0, 1]])
    #expect(report.quarantined.map(\.path) == [other])
    try other.rename(to: file)
    #expect(try channel.index().quarantined.isEmpty)
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  @Test func `a good package replaced by garbage leaves the index and is named`() throws {
    let file = try channel.add(PackageBlueprint("a"))
    try channel.add(PackageBlueprint("b"))
    try channel.index()
    try file.write("not a package at all")
    for run in 1...2 {
      let report = try channel.index()
      #expect(try channel.names() == ["b-1.0-0.conda"])
      #expect(report.quarantined.map(\.path) == [file])
      #expect(report.quarantined.map(\.code) == [.damaged])
      #expect(report.subdirs.map(\.removed.count) == [run == 1 ? 1 : 0])
    }
    #expect(try file.readText() == "not a package at all")
  }

  @Test func `a package repaired comes back`() throws {
    let file = channel("noarch/a-1.0-0.conda")
    try file.write("half an uplo")
    #expect(try channel.index().quarantined.count == 1)
    try channel.add(PackageBlueprint("a"))
    let report = try channel.index()
    #expect(report.quarantined.isEmpty)
    #expect(report.subdirs.map(\.added.count) == [1])
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  @Test func `one bad package of every kind never keeps out the good ones`() throws {
    try channel.add(PackageBlueprint("good"))
    try channel("noarch/empty-1-0.conda").write("")
    try channel("noarch/text-1-0.tar.bz2").write("text")
    try channel("noarch/directory-1-0.conda").createDirectories()
    try channel("noarch/dangling-1-0.conda").createSymbolicLink(to: "nowhere")
    try channel("noarch/pipe-1-0.conda").createPipe()
    var blueprint = PackageBlueprint("record")
    blueprint.indexFields = ["build_number": #""1""#]
    try channel.add(blueprint)
    blueprint = PackageBlueprint("json")
    blueprint.extraInfo = [ArchiveMember("info/index.json", text: #"{"name": NaN}"#)]
    try channel.add(blueprint)
    let info = blueprint.infoMembers().filter { $0.nameText != "info/index.json" }
    try channel("noarch/none-1-0.tar.bz2").write(TarFile.bytes(of: info, compression: .bzip2))

    for _ in 1...2 {
      let report = try channel.index()
      #expect(try channel.names() == ["good-1.0-0.conda"])
      let codes = report.quarantined.map { "\($0.path.lastComponent?.string ?? "") \($0.code)" }
      #expect(
        codes == [
          "dangling-1-0.conda unreadable", "directory-1-0.conda unreadable",
          "empty-1-0.conda damaged", "json-1.0-0.conda invalid-metadata",
          "none-1-0.tar.bz2 missing-metadata", "pipe-1-0.conda unreadable",
          "record-1.0-0.conda invalid-metadata", "text-1-0.tar.bz2 damaged",
        ])
      #expect(report.quarantined.allSatisfy { !$0.reason.isEmpty })
    }
  }

  @Test func `a file whose name is not UTF-8 is named and keeps nothing out`() throws {
    try channel.add(PackageBlueprint("good"))
    let bytes = try PackageBlueprint("a").conda()
    for byte: UInt8 in [0xFF, 0xFE] {
      try channel("noarch").appendingRaw([byte] + Array("-1-0.conda".utf8)).write(bytes)
    }
    for _ in 1...2 {
      let report = try channel.index()
      #expect(try channel.names() == ["good-1.0-0.conda"])
      #expect(report.quarantined.count == 2)
    }
  }

  @Test func `what is no package is left alone`() throws {
    try channel.add(PackageBlueprint("a"))
    for name in ["README.md", "a.whl", "A-1-0.CONDA", ".hidden-1-0.conda", "a-1-0.conda.part"] {
      try channel("noarch/\(name)").write("untouched")
    }
    let report = try channel.index()
    #expect(report.quarantined.isEmpty)
    #expect(try channel.names() == ["a-1.0-0.conda"])
    #expect(try channel("noarch/README.md").readText() == "untouched")
  }
}
