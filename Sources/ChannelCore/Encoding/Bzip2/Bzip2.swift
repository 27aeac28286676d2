internal import CArchive

/// Compresses whole documents with bzip2, for clients that know nothing newer.
package enum Bzip2 {
  /// The bytes of one bzip2 stream; nil when libarchive cannot make it.
  package static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    guard let archive = archive_write_new(), let entry = archive_entry_new() else { return nil }
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 50 + 1024)
    var used = 0
    archive_write_set_format_raw(archive)
    archive_write_add_filter_bzip2(archive)
    archive_write_set_bytes_per_block(archive, 0)
    archive_entry_set_filetype(entry, 0o100000)
    let isWritten = output.withUnsafeMutableBytes { buffer in
      archive_write_open_memory(archive, buffer.baseAddress, buffer.count, &used) == ARCHIVE_OK
        && archive_write_header(archive, entry) == ARCHIVE_OK
        && bytes.withUnsafeBytes {
          archive_write_data(archive, $0.baseAddress, $0.count) == $0.count
        }
        && archive_write_close(archive) == ARCHIVE_OK
    }
    return isWritten ? Array(output[..<used]) : nil
  }
}
