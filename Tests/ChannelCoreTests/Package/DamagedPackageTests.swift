import ChannelCore
import Support
import SystemPackage
import Testing

@Suite struct DamagedPackageTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func package(_ format: ArchiveName.Format) throws -> (bytes: [UInt8], index: [UInt8]) {
    var blueprint = PackageBlueprint("a", depends: ["b"])
    blueprint.payload = [ArchiveMember("share/a", text: String(repeating: "text ", count: 50))]
    let index = blueprint.infoMembers().first { $0.nameText == "info/index.json" }?.content
    return (format == .conda ? try blueprint.conda() : try blueprint.tarBz2(), index ?? [])
  }

  /// The `index.json` that is found in `bytes`, or nil when they are refused.
  private func index(
    in bytes: [UInt8], _ format: ArchiveName.Format, with reader: inout PackageReader
  ) throws -> [UInt8]? {
    let path = directory("a-1-0" + format.rawValue)
    try path.write(bytes)
    do throws(PackageError) {
      let contents = try reader.contents(of: path, format: format)
      #expect(contents.size == bytes.count)
      #expect(contents.sha256 == Digest.sha256(of: bytes))
      return contents.members[.index]
    } catch {
      #expect(!error.reason.isEmpty)
      return nil
    }
  }

  @Test(arguments: ArchiveName.Format.allCases)
  func `a package cut off anywhere is refused or still says the same`(
    format: ArchiveName.Format
  ) throws {
    let (bytes, index) = try package(format)
    var reader = PackageReader()
    #expect(try self.index(in: bytes, format, with: &reader) == index)
    var refused = 0
    for end in 0..<bytes.count {
      let found = try self.index(in: Array(bytes[..<end]), format, with: &reader)
      if found == nil { refused += 1 }
      #expect(found == nil || found == index, "cut at \(end)")
    }
    // A ZIP archive has its directory at the end: without all of it nothing is found.
    #expect(format == .conda ? refused == bytes.count : refused > 10)
  }

  @Test(arguments: ArchiveName.Format.allCases)
  func `a byte changed anywhere never makes the reader trap`(format: ArchiveName.Format) throws {
    let (bytes, index) = try package(format)
    var reader = PackageReader()
    var unchanged = 0
    for position in bytes.indices {
      for mask: UInt8 in position.isMultiple(of: 2) ? [0x01] : [0xFF] {
        var changed = bytes
        changed[position] ^= mask
        if try self.index(in: changed, format, with: &reader) == index { unchanged += 1 }
      }
    }
    #expect(unchanged < bytes.count)
  }

  // MARK: Limits

  @Test(arguments: ArchiveName.Format.allCases)
  func `an index.json beyond the limit is refused, and the limit named`(
    format: ArchiveName.Format
  ) throws {
    var blueprint = PackageBlueprint("a")
    let index = #"{"name":"a"}"# + String(repeating: " ", count: 5000)
    blueprint.extraInfo = [ArchiveMember("info/index.json", text: index)]
    let path = directory("a-1.0-0" + format.rawValue)
    try path.write(format == .conda ? try blueprint.conda() : try blueprint.tarBz2())

    var limits = ReadLimits()
    limits.member = index.utf8.count
    var reader = PackageReader(limits: limits)
    #expect(
      try reader.contents(of: path, format: format).members[.index]?.count == index.utf8.count)

    limits.member -= 1
    reader = PackageReader(limits: limits)
    let error = #expect(throws: PackageError.self) {
      try reader.contents(of: path, format: format)
    }
    #expect(error?.code == .limitExceeded)
    #expect(error?.reason.contains("info/index.json") == true)
    #expect(error?.reason.contains("\(limits.member) bytes") == true)
  }

  @Test(arguments: ArchiveName.Format.allCases)
  func `an archive that unpacks beyond the limit is refused, and the limit named`(
    format: ArchiveName.Format
  ) throws {
    let bomb = ArchiveMember("bomb", Array(repeating: 0, count: 4 << 20))
    let blueprint = PackageBlueprint("a")
    let path = directory("a-1.0-0" + format.rawValue)
    switch format {
    case .tarBz2:
      try path.write(
        TarFile.bytes(of: [bomb] + blueprint.tarMembers(), compression: .bzip2))
    case .conda:
      var members = try blueprint.condaMembers()
      members[2].content = try TarFile.bytes(
        of: [bomb] + blueprint.infoMembers(), compression: .zstandard)
      try path.write(ZipFile.bytes(of: members, compression: .deflated))
    }
    #expect(try path.readBytes().count < 20_000)

    var limits = ReadLimits()
    limits.info = 2 << 20
    limits.archive = 2 << 20
    var reader = PackageReader(limits: limits)
    let error = #expect(throws: PackageError.self) {
      try reader.contents(of: path, format: format)
    }
    #expect(error?.code == .limitExceeded)
    #expect(error?.reason.contains("\(2 << 20) bytes") == true)

    reader = PackageReader()
    #expect(try reader.contents(of: path, format: format).members[.index] != nil)
  }

  @Test func `a bomb behind the metadata is never unpacked`() throws {
    var blueprint = PackageBlueprint("a")
    blueprint.payload = [ArchiveMember("bomb", Array(repeating: 0, count: 4 << 20))]
    var limits = ReadLimits()
    limits.archive = 1 << 20
    limits.info = 1 << 20
    var reader = PackageReader(limits: limits)
    for (name, bytes) in [
      ("a.conda", try blueprint.conda()), ("a.tar.bz2", try blueprint.tarBz2()),
    ] {
      try directory(name).write(bytes)
      let format: ArchiveName.Format = name == "a.conda" ? .conda : .tarBz2
      let contents = try reader.contents(of: directory(name), format: format)
      #expect(contents.members[.index] != nil)
    }
  }
}
