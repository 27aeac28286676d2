internal import CZstd

/// Compresses whole documents into Zstandard frames (RFC 8878) that say how large they unpack.
package struct ZstandardCompressor: ~Copyable {
  private let context: OpaquePointer

  package init() {
    guard let context = ZSTD_createCCtx() else {
      preconditionFailure("no memory for a compression context")
    }
    self.context = context
  }

  deinit {
    ZSTD_freeCCtx(context)
  }

  /// One frame that holds all of `bytes`.
  ///
  /// With at least one worker the frame's bytes do not depend on how many there are; without
  /// workers they differ. A document therefore always names the same kind.
  package borrowing func frame(
    of bytes: [UInt8], level: Int, workers: Int = 0
  ) throws(ZstandardError) -> [UInt8] {
    try check(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters))
    try check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CInt(level)))
    if workers > 0 {
      try check(ZSTD_CCtx_setParameter(context, ZSTD_c_nbWorkers, CInt(workers)))
    }
    let bound = ZSTD_compressBound(bytes.count)
    var failure: ZstandardError?
    let frame = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      let size = bytes.withUnsafeBytes {
        ZSTD_compress2(context, buffer.baseAddress, bound, $0.baseAddress, $0.count)
      }
      failure = ZstandardError(code: size)
      count = failure == nil ? size : 0
    }
    if let failure { throw failure }
    return frame
  }

  private borrowing func check(_ code: Int) throws(ZstandardError) {
    if let failure = ZstandardError(code: code) { throw failure }
  }
}

/// What libzstd says of a frame that it could not make or read.
package struct ZstandardError: Error, Sendable, Hashable, CustomStringConvertible {
  package let reason: String

  package init(reason: String) {
    self.reason = reason
  }

  /// Nil when `code` is no error.
  init?(code: Int) {
    guard ZSTD_isError(code) != 0 else { return nil }
    reason = String(cString: ZSTD_getErrorName(code))
  }

  package var description: String { "Zstandard: \(reason)" }
}

/// Unpacks frames whose size is bounded by what the caller expects.
package enum ZstandardFrame {
  /// The content of one frame, at most `limit` bytes.
  package static func contents(
    of frame: [UInt8], limit: Int = 1 << 30
  ) throws(ZstandardError) -> [UInt8] {
    let declared = frame.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
    guard declared <= UInt64(limit) else {
      throw ZstandardError(reason: "no content size, or one beyond \(limit) bytes")
    }
    var failure: ZstandardError?
    let contents = [UInt8](unsafeUninitializedCapacity: Int(declared)) { buffer, count in
      let size = frame.withUnsafeBytes {
        ZSTD_decompress(buffer.baseAddress, buffer.count, $0.baseAddress, $0.count)
      }
      failure = ZstandardError(code: size)
      count = failure == nil ? size : 0
    }
    if let failure { throw failure }
    return contents
  }
}
