internal import CArchive

/// What a bzip2 stream unpacks to; nil when it is none, or a damaged one.
package func unpackedBzip2(_ stream: [UInt8], limit: Int = 64 << 20) -> [UInt8]? {
  guard let archive = archive_read_new() else { return nil }
  defer { archive_read_free(archive) }
  archive_read_support_format_raw(archive)
  archive_read_support_filter_bzip2(archive)
  var entry: OpaquePointer?
  var content = [UInt8](repeating: 0, count: limit)
  let count = stream.withUnsafeBytes { bytes -> Int in
    guard archive_read_open_memory(archive, bytes.baseAddress, bytes.count) == ARCHIVE_OK,
      archive_read_next_header(archive, &entry) == ARCHIVE_OK,
      archive_filter_code(archive, 0) == ARCHIVE_FILTER_BZIP2
    else { return -1 }
    return archive_read_data(archive, &content, content.count)
  }
  return count < 0 ? nil : Array(content.prefix(count))
}
