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

  /// How much work a frame is worth.
  package enum Effort: Sendable {
    /// A document of up to many megabytes: within a tenth of the size that the highest level
    /// reaches, in a twentieth of its time.
    case document
    /// A frame of a few kilobytes, of which there are thousands.
    case shard
  }

  /// One frame that holds all of `bytes`.
  ///
  /// The frame's bytes do not depend on how many threads there are.
  package borrowing func frame(
    of bytes: [UInt8], _ effort: Effort, threads: Int = 1
  ) throws(ZstandardError) -> [UInt8] {
    try check(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters))
    for (parameter, value) in parameters(effort, threads: threads) {
      try check(ZSTD_CCtx_setParameter(context, parameter, CInt(value)))
    }
    let bound = ZSTD_compressBound(bytes.count)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bound, alignment: 16)
    defer { buffer.deallocate() }
    let size = bytes.withUnsafeBytes {
      ZSTD_compress2(context, buffer.baseAddress, bound, $0.baseAddress, $0.count)
    }
    try check(size)
    return [UInt8](buffer[..<size])
  }

  /// The settings of one frame, measured on indexes of 50 to 38,000 packages.
  ///
  /// Half of a compressed index is digests, which nothing makes smaller: matches below six bytes are
  /// chance hits in them that cost more than they save, and deep searches look for nothing.
  private borrowing func parameters(
    _ effort: Effort, threads: Int
  ) -> [(ZSTD_cParameter, Int)] {
    switch effort {
    case .document:
      [
        (ZSTD_c_compressionLevel, 12), (ZSTD_c_strategy, Int(ZSTD_lazy2.rawValue)),
        (ZSTD_c_minMatch, 6), (ZSTD_c_searchLog, 6), (ZSTD_c_hashLog, 20),
        (ZSTD_c_chainLog, 22), (ZSTD_c_windowLog, 23),
        // With workers, as many as there are, a frame is cut into the same pieces.
        (ZSTD_c_nbWorkers, max(1, threads)), (ZSTD_c_jobSize, 4 << 20), (ZSTD_c_overlapLog, 6),
      ]
    case .shard: [(ZSTD_c_compressionLevel, 6)]
    }
  }

  private borrowing func check(_ code: Int) throws(ZstandardError) {
    if let failure = ZstandardError(code: code) { throw failure }
  }
}

/// What libzstd says of a frame that it could not make.
package struct ZstandardError: Error, Sendable, Hashable, CustomStringConvertible {
  package let reason: String

  /// Nil when `code` is no error.
  init?(code: Int) {
    guard ZSTD_isError(code) != 0 else { return nil }
    reason = String(cString: ZSTD_getErrorName(code))
  }

  package var description: String { "Zstandard: \(reason)" }
}
