internal import CArchive
internal import CZstd

/// Unpacks the documents of a channel again, to compare them with one another.
enum Decompression {
  /// No document is larger; a file that claims to be is damaged.
  private static let limit = 4 << 30

  /// What a file of Zstandard frames holds; nil when it is damaged.
  static func zstandard(_ bytes: [UInt8]) -> [UInt8]? {
    guard let context = ZSTD_createDCtx() else { return nil }
    defer { ZSTD_freeDCtx(context) }
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
    var input = ZSTD_inBuffer(src: nil, size: bytes.count, pos: 0)
    // Zero once a frame is complete.
    var pending = 1
    let isWhole = bytes.withUnsafeBytes { source in
      input.src = source.baseAddress
      while input.pos < input.size || pending != 0 {
        let count: Int? = piece.withUnsafeMutableBytes { piece in
          var buffer = ZSTD_outBuffer(dst: piece.baseAddress, size: piece.count, pos: 0)
          pending = ZSTD_decompressStream(context, &buffer, &input)
          return ZSTD_isError(pending) == 0 ? buffer.pos : nil
        }
        guard let count, output.count + count <= limit else { return false }
        if count == 0, input.pos == input.size, pending != 0 { return false }
        output += piece[..<count]
      }
      return true
    }
    return isWhole ? output : nil
  }

  /// What a bzip2 file holds; nil when it is damaged.
  static func bzip2(_ bytes: [UInt8]) -> [UInt8]? {
    guard let archive = archive_read_new() else { return nil }
    defer { archive_read_free(archive) }
    archive_read_support_filter_bzip2(archive)
    archive_read_support_format_raw(archive)
    return bytes.withUnsafeBytes { source -> [UInt8]? in
      var entry: OpaquePointer?
      guard archive_read_open_memory(archive, source.baseAddress, source.count) == ARCHIVE_OK,
        archive_read_next_header(archive, &entry) == ARCHIVE_OK
      else { return nil }
      var output: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 1 << 18)
      while true {
        let count = piece.withUnsafeMutableBytes {
          archive_read_data(archive, $0.baseAddress, $0.count)
        }
        if count == 0 { return output }
        guard count > 0, output.count + count <= limit else { return nil }
        output += piece[..<count]
      }
    }
  }
}
