internal import CZlib

/// The gzip coding.
///
/// RFC 1952, written by zlib.
enum Gzip {
  /// The content packed; nil when that makes it no smaller.
  static func packed(_ content: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    let size = CInt(MemoryLayout<z_stream>.size)
    // 15 bits of window, and 16 for a gzip head instead of zlib's.
    guard
      deflateInit2_(
        &stream, 5, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
    else { return nil }
    defer { deflateEnd(&stream) }
    return content.withUnsafeBufferPointer { source -> [UInt8]? in
      let limit = min(content.count, Int(UInt32.max))
      guard limit == content.count else { return nil }
      let result = [UInt8](unsafeUninitializedCapacity: limit) { target, count in
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.avail_in = UInt32(limit)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(limit)
        count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? limit - Int(stream.avail_out) : 0
      }
      return result.isEmpty ? nil : result
    }
  }
}
