internal import ChannelSystem
internal import SystemPackage

extension Attestations {
  /// What the last run knew, so that only files that changed are read.
  struct Memory: Sendable, Hashable {
    var entries: [ArchiveName: Entry] = [:]
    var retired: [String: Int] = [:]
  }
}

extension Attestations.Memory {
  private static let magic = Array("conda-channel attestations 2\n".utf8)

  /// What is known of a subdir; nothing where its file is missing or damaged.
  init(of subdir: Platform, _ layout: ChannelLayout) {
    self.init()
    guard let bytes = try? Descriptor.contents(of: layout.attestations(of: subdir)),
      var reader = BinaryReader(sealed: bytes, magic: Self.magic),
      let memory = try? Self(from: &reader)
    else { return }
    self = memory
  }

  private init(from reader: inout BinaryReader) throws(BinaryReader.Truncated) {
    for _ in 0..<max(0, try reader.number(Int64.self)) {
      let name = String(decoding: try reader.string(), as: UTF8.self)
      retired[name] = Int(try reader.number(Int64.self))
    }
    while !reader.isAtEnd {
      let name = String(decoding: try reader.string(), as: UTF8.self)
      var entry = Attestations.Entry(version: try FileVersion(reading: &reader))
      entry.sha256 = Self.digests(in: try reader.string()).first
      entry.fault = String(decoding: try reader.string(), as: UTF8.self)
      entry.attested = Self.digests(in: try reader.string())
      if let archive = ArchiveName(name) { entries[archive] = entry }
    }
  }

  private static func digests(in bytes: ArraySlice<UInt8>) -> [Digest] {
    stride(from: bytes.startIndex, to: bytes.endIndex - 31, by: 32).map { start in
      Digest(bytes: Array(bytes[start..<(start + 32)]))
    }
  }

  /// The file.
  var bytes: [UInt8] {
    var writer = BinaryWriter()
    writer.append(Self.magic)
    writer.write(Int64(retired.count))
    for (name, since) in retired.sorted(by: { $0.key.precedes($1.key) }) {
      writer.write(name.utf8)
      writer.write(Int64(since))
    }
    for (archive, entry) in entries.sorted(by: { $0.key < $1.key }) {
      writer.write(archive.fileName.utf8)
      entry.version.write(to: &writer)
      writer.write(entry.sha256?.bytes ?? [])
      writer.write(entry.fault.utf8)
      writer.write(entry.attested.flatMap(\.bytes))
    }
    writer.seal()
    return writer.bytes
  }
}
