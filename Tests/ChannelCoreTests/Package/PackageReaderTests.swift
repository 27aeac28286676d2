import ChannelCore
import Support
import SystemPackage
import Testing

@Suite struct PackageReaderTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private var blueprint: PackageBlueprint {
    var blueprint = PackageBlueprint("a", version: "1.5", build: "h1_2", depends: ["b >=2"])
    blueprint.payload = [
      ArchiveMember("bin", kind: .directory),
      ArchiveMember("bin/a", text: "#!/bin/sh\n", isExecutable: true),
      ArchiveMember("bin/b", kind: .symbolicLink(to: "a")),
      ArchiveMember("share/data", Array(repeating: 7, count: 20_000)),
    ]
    return blueprint
  }

  private var index: [UInt8] {
    blueprint.infoMembers().first { $0.nameText == "info/index.json" }?.content ?? []
  }

  /// What the reader says of a file that holds `bytes`.
  private func read(
    _ bytes: [UInt8], _ format: ArchiveName.Format, limits: ReadLimits = ReadLimits()
  ) throws -> PackageContents {
    let path = directory("package" + format.rawValue)
    try path.write(bytes)
    var reader = PackageReader(limits: limits)
    return try reader.contents(of: path, format: format)
  }

  private func expectRefused(
    _ bytes: [UInt8], _ format: ArchiveName.Format, _ code: PackageError.Code,
    limits: ReadLimits = ReadLimits(), saying reason: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: PackageError.self, sourceLocation: sourceLocation) {
      try read(bytes, format, limits: limits)
    }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    #expect(error?.path == directory("package" + format.rawValue), sourceLocation: sourceLocation)
    #expect(
      error.map { $0.reason.contains(reason) || reason.isEmpty } == true, "\(error as Any)",
      sourceLocation: sourceLocation)
    #expect(error?.description.contains("\n") == false, sourceLocation: sourceLocation)
  }

  // MARK: Good packages

  @Test func `a conda package gives its index.json, size and digests`() throws {
    let bytes = try blueprint.conda()
    let contents = try read(bytes, .conda)
    #expect(contents.members[.index] == index)
    #expect(contents.size == bytes.count)
    #expect(contents.sha256 == Digest.sha256(of: bytes))
    #expect(contents.md5 == md5(of: bytes))
  }

  @Test(arguments: PackageBlueprint.MemberOrder.allCases, ["", "./"])
  func `a tar.bz2 package gives the same wherever its info lies`(
    order: PackageBlueprint.MemberOrder, prefix: String
  ) throws {
    let bytes = try blueprint.tarBz2(order: order, prefix: prefix)
    let contents = try read(bytes, .tarBz2)
    #expect(contents.members[.index] == index)
    #expect(contents.size == bytes.count)
    #expect(contents.sha256 == Digest.sha256(of: bytes))
    #expect(contents.md5 == md5(of: bytes))
  }

  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func `the parts of a conda package may stand in any order`(order: [Int]) throws {
    let members = try blueprint.condaMembers()
    let bytes = try ZipFile.bytes(of: order.map { members[$0] })
    #expect(try read(bytes, .conda).members[.index] == index)
  }

  @Test func `the parts of a conda package may be deflated`() throws {
    let bytes = try ZipFile.bytes(of: blueprint.condaMembers(), compression: .deflated)
    #expect(try read(bytes, .conda).members[.index] == index)
  }

  @Test func `the info part may have another stem than the file`() throws {
    var members = try blueprint.condaMembers()
    members[2].name = Array("info-renamed-2-1.tar.zst".utf8)
    #expect(try read(ZipFile.bytes(of: members), .conda).members[.index] == index)
  }

  @Test(arguments: [nil, "", "not JSON"] as [String?])
  func `the format's metadata.json may be absent, empty or odd`(text: String?) throws {
    var members = try blueprint.condaMembers()
    members.removeFirst()
    if let text { members.insert(ArchiveMember("metadata.json", text: text), at: 0) }
    #expect(try read(ZipFile.bytes(of: members), .conda).members[.index] == index)
  }

  @Test func `members of an info part may begin with a dot and a slash`() throws {
    let info = blueprint.infoMembers().map { member in
      ArchiveMember("./\(member.nameText)", member.content)
    }
    var members = try blueprint.condaMembers()
    members[2].content = try TarFile.bytes(of: info, compression: .zstandard)
    #expect(try read(ZipFile.bytes(of: members), .conda).members[.index] == index)
  }

  @Test(arguments: ArchiveName.Format.allCases)
  func `a file beyond what is held in memory is read as well`(format: ArchiveName.Format) throws {
    var large = blueprint
    large.payload = [ArchiveMember("zeros", Array(repeating: 0, count: 1 << 20))]
    let bytes: [UInt8]
    switch format {
    case .conda:
      var members = try large.condaMembers()
      members[1].content = Array(repeating: 1, count: 9 << 20)
      bytes = try ZipFile.bytes(of: members)
    case .tarBz2:
      var generator = SystemRandomNumberGenerator()
      large.payload[0].content = (0..<(9 << 20)).map { _ in
        UInt8(truncatingIfNeeded: generator.next())
      }
      bytes = try large.tarBz2()
    }
    #expect(bytes.count > 8 << 20)
    let contents = try read(bytes, format)
    #expect(contents.members[.index] == index)
    #expect(contents.size == bytes.count)
    #expect(contents.sha256 == Digest.sha256(of: bytes))
    #expect(contents.md5 == md5(of: bytes))
  }

  @Test func `one reader reads one file after another, good ones after bad ones`() throws {
    let good = directory("good.conda")
    let bytes = try blueprint.conda()
    try good.write(bytes)
    try directory("bad.conda").write(Array(bytes.dropLast(30)))
    var reader = PackageReader()
    for _ in 0..<3 {
      #expect(throws: PackageError.self) {
        try reader.contents(of: directory("bad.conda"), format: .conda)
      }
      let contents = try reader.contents(of: good, format: .conda)
      #expect(contents.sha256 == Digest.sha256(of: bytes))
      #expect(contents.members[.index] == index)
    }
  }

  @Test func `a link to a package is read`() throws {
    try directory("real.conda").write(try blueprint.conda())
    try directory("link.conda").createSymbolicLink(to: "real.conda")
    var reader = PackageReader()
    let contents = try reader.contents(of: directory("link.conda"), format: .conda)
    #expect(contents.members[.index] == index)
  }

  // MARK: Nothing to read

  @Test(arguments: ArchiveName.Format.allCases)
  func `a package without index.json has none in its contents`(format: ArchiveName.Format) throws {
    let info = blueprint.infoMembers().filter { $0.nameText != "info/index.json" }
    let others = [
      ArchiveMember("index.json", text: "{}"), ArchiveMember("x/info/index.json", text: "{}"),
      ArchiveMember("info/index.json.bak", text: "{}"),
      ArchiveMember("INFO/index.json", text: "{}"),
      ArchiveMember("info/index.json", kind: .symbolicLink(to: "about.json")),
    ]
    let bytes: [UInt8]
    switch format {
    case .tarBz2: bytes = try TarFile.bytes(of: others + info, compression: .bzip2)
    case .conda:
      var members = try blueprint.condaMembers()
      members[2].content = try TarFile.bytes(of: others + info, compression: .zstandard)
      bytes = try ZipFile.bytes(of: members)
    }
    #expect(try read(bytes, format).members[.index] == nil)
  }

  @Test func `a conda package without an info part is refused`() throws {
    let members = try blueprint.condaMembers().dropLast()
    expectRefused(try ZipFile.bytes(of: Array(members)), .conda, .damaged, saying: "info-*.tar.zst")
    expectRefused(try ZipFile.bytes(of: []), .conda, .damaged)
  }

  @Test func `an info part that is no Zstandard tar is refused`() throws {
    var members = try blueprint.condaMembers()
    for content in [
      [], Array("plain text".utf8),
      try TarFile.bytes(of: blueprint.infoMembers(), compression: .none),
      try TarFile.bytes(of: blueprint.infoMembers(), compression: .bzip2),
      Array(members[2].content.dropLast(40)),
      try ZstandardCompressor().frame(of: [1, 2], .shard),
    ] {
      members[2].content = content
      expectRefused(try ZipFile.bytes(of: members), .conda, .damaged)
    }
  }

  @Test(arguments: ArchiveName.Format.allCases)
  func `an empty file is refused as such`(format: ArchiveName.Format) {
    expectRefused([], format, .damaged, saying: "empty")
  }

  @Test(arguments: ArchiveName.Format.allCases)
  func `garbage is refused`(format: ArchiveName.Format) {
    for bytes in [
      [0], Array(repeating: 0, count: 10_240),
      Array(repeating: 0xFF, count: 3000),
      Array("PK\u{3}\u{4}".utf8), Array("BZh9".utf8), Array("BZh91AY&SY".utf8),
      Array("<!DOCTYPE html><title>404</title>".utf8),
    ] {
      expectRefused(bytes, format, .damaged, saying: "not a readable \(format.rawValue)")
    }
  }

  @Test(arguments: ArchiveName.Format.allCases)
  func `what Git LFS leaves behind is called by its name`(format: ArchiveName.Format) {
    let text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    expectRefused(Array(text.utf8), format, .damaged, saying: "Git LFS pointer")
  }

  @Test(arguments: [1, 4, 11, 40, 200])
  func `a tar.bz2 that is still being copied is refused`(missing: Int) throws {
    var large = blueprint
    large.payload = [ArchiveMember("data", (0..<4000).map { UInt8($0 * $0 % 251) })]
    let bytes = try large.tarBz2()
    expectRefused(Array(bytes.dropLast(missing)), .tarBz2, .damaged)
  }

  @Test func `a conda package with two info parts, or without a payload, is refused`() throws {
    let members = try blueprint.condaMembers()
    var other = members[2]
    other.name = Array("info-other.tar.zst".utf8)
    expectRefused(
      try ZipFile.bytes(of: members + [other]), .conda, .damaged, saying: "more than one")
    expectRefused(
      try ZipFile.bytes(of: [members[0], members[2]]), .conda, .damaged, saying: "no pkg")
  }

  @Test func `one format under the other's name is refused`() throws {
    expectRefused(try blueprint.conda(), .tarBz2, .damaged)
    expectRefused(try blueprint.tarBz2(), .conda, .damaged)
  }

  @Test(arguments: [TarFile.Compression.none, .zstandard])
  func `a tar that is not compressed with bzip2 is refused`(
    compression: TarFile.Compression
  ) throws {
    let bytes = try TarFile.bytes(of: blueprint.tarMembers(), compression: compression)
    expectRefused(bytes, .tarBz2, .damaged)
  }

  @Test func `a file that is not there or no file at all is refused`() throws {
    try directory("directory.conda").createDirectories()
    try directory("dangling.conda").createSymbolicLink(to: "nowhere")
    try directory("loop.conda").createSymbolicLink(to: "loop.conda")
    try directory("device.conda").createSymbolicLink(to: "/dev/zero")
    try directory("pipe.conda").createPipe()
    var reader = PackageReader()
    for name in ["missing", "directory", "dangling", "loop", "device", "pipe"] {
      let path = directory("\(name).conda")
      let error = #expect(throws: PackageError.self, "\(name)") {
        try reader.contents(of: path, format: .conda)
      }
      #expect(error?.code == (name == "missing" ? .vanished : .unreadable), "\(name)")
      #expect(error?.path == path)
    }
  }

  private func md5(of bytes: [UInt8]) -> Digest {
    let stream = DigestStream(.md5)
    bytes.withUnsafeBytes { stream.update($0) }
    return stream.finish()
  }
}
