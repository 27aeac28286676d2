internal import CZstd

extension PackageBlueprint {
  /// The bytes of a `.conda` whose metadata stand behind so much of nothing, packed into some fifty
  /// bytes a mebibyte.
  package func condaBomb(mebibytes: Int) throws(ArchiveWritingError) -> [UInt8] {
    var head = HandmadeTar()
    let size = String(mebibytes << 20, radix: 8)
    let padding = String(repeating: "0", count: 11 - size.utf8.count)
    head.add("info/nothing", "", size: Array((padding + size + "\0").utf8))
    let nothing = try Self.frame(of: [UInt8](repeating: 0, count: 1 << 20))
    var info = try Self.frame(of: head.bytes)
    for _ in 0..<mebibytes { info += nothing }
    info += try TarFile.bytes(of: infoMembers(), compression: .zstandard)
    var members = try condaMembers()
    members[members.count - 1].content = info
    return try ZipFile.bytes(of: members)
  }

  private static func frame(of bytes: [UInt8]) throws(ArchiveWritingError) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress(&frame, frame.count, bytes, bytes.count, 3)
    guard ZSTD_isError(count) == 0 else {
      throw ArchiveWritingError(String(cString: ZSTD_getErrorName(count)))
    }
    return Array(frame.prefix(count))
  }
}
