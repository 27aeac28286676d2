internal import CZlib

/// Writes ZIP archives with the layout that package builders give a `.conda` file.
///
/// Sizes and checksums stand in front of each member, as Python's `zipfile` writes them. libarchive
/// would put them behind, where clients that unpack while downloading cannot use them.
package enum ZipFile {
  package enum Compression: UInt16, Sendable, Hashable, CaseIterable {
    case stored = 0
    case deflated = 8
  }

  /// A whole ZIP of `members` in the order given.
  package static func bytes(
    of members: [ArchiveMember], compression: Compression = .stored
  ) throws(ArchiveWritingError) -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let offset = archive.count
      let stored =
        switch compression {
        case .stored: member.content
        case .deflated: try deflate(member.content)
        }
      var fields: [UInt8] = []
      fields.append(littleEndian: UInt16(20))  // version needed
      fields.append(littleEndian: UInt16(0))  // flags
      fields.append(littleEndian: compression.rawValue)
      fields.append(littleEndian: UInt16(0))  // time: midnight
      fields.append(littleEndian: UInt16(0x5021))  // date: 2020-01-01
      fields.append(littleEndian: checksum(member.content))
      fields.append(littleEndian: UInt32(stored.count))
      fields.append(littleEndian: UInt32(member.content.count))
      fields.append(littleEndian: UInt16(member.name.count))
      fields.append(littleEndian: UInt16(0))  // extra field

      archive.append(littleEndian: UInt32(0x0403_4B50))
      archive += fields + member.name + stored

      directory.append(littleEndian: UInt32(0x0201_4B50))
      directory.append(littleEndian: UInt16(0x0314))  // made by: Unix, 2.0
      directory += fields
      directory.append(littleEndian: UInt16(0))  // comment
      directory.append(littleEndian: UInt16(0))  // disk
      directory.append(littleEndian: UInt16(0))  // internal attributes
      directory.append(littleEndian: UInt32(0o100644) << 16)
      directory.append(littleEndian: UInt32(offset))
      directory += member.name
    }
    let end = archive.count
    archive += directory
    archive.append(littleEndian: UInt32(0x0605_4B50))
    archive.append(littleEndian: UInt32(0))  // disks
    archive.append(littleEndian: UInt16(members.count))
    archive.append(littleEndian: UInt16(members.count))
    archive.append(littleEndian: UInt32(directory.count))
    archive.append(littleEndian: UInt32(end))
    archive.append(littleEndian: UInt16(0))  // comment
    return archive
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32(0, bytes, UInt32(bytes.count)))
  }

  private static func deflate(_ bytes: [UInt8]) throws(ArchiveWritingError) -> [UInt8] {
    var stream = z_stream()
    let started = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      CInt(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { throw ArchiveWritingError("zlib: status \(started)") }
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    let status = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        return CZlib.deflate(&stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END else { throw ArchiveWritingError("zlib: status \(status)") }
    return Array(output.prefix(Int(stream.total_out)))
  }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
