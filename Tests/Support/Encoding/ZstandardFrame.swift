internal import CZstd

/// Unpacks frames whose size is bounded by what the caller expects.
package enum ZstandardFrame {
  /// The content of one frame, at most `limit` bytes.
  package static func contents(
    of frame: [UInt8], limit: Int = 1 << 30
  ) throws(ZstandardFrameError) -> [UInt8] {
    let declared = frame.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
    guard declared <= UInt64(limit) else {
      throw ZstandardFrameError("no content size, or one beyond \(limit) bytes")
    }
    var failure: ZstandardFrameError?
    let contents = [UInt8](unsafeUninitializedCapacity: Int(declared)) { buffer, count in
      let size = frame.withUnsafeBytes {
        ZSTD_decompress(buffer.baseAddress, buffer.count, $0.baseAddress, $0.count)
      }
      if ZSTD_isError(size) != 0 {
        failure = ZstandardFrameError(String(cString: ZSTD_getErrorName(size)))
      }
      count = failure == nil ? size : 0
    }
    if let failure { throw failure }
    return contents
  }
}

/// Why a frame could not be unpacked.
package struct ZstandardFrameError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
