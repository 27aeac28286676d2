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

/// Unpacks Zstandard frames (RFC 8878), one file after another, with a context that is made once.
///
/// Frames whose window is larger than 128 MB, libzstd's own limit, are refused.
package struct ZstandardDecoder: ~Copyable {
  private let context: OpaquePointer
  private let piece: UnsafeMutableRawBufferPointer
  private var input = ZSTD_inBuffer()
  private var hasBegun = false
  private var isWithinFrame = false
  /// Whether the last piece was full, so that the context may hold more.
  private var isOverflowing = false

  package init() {
    guard let context = ZSTD_createDCtx() else {
      preconditionFailure("no memory for a decompression context")
    }
    self.context = context
    piece = .allocate(byteCount: ZSTD_DStreamOutSize(), alignment: 64)
  }

  deinit {
    ZSTD_freeDCtx(context)
    piece.deallocate()
  }

  /// Begins with another file.
  package mutating func open() {
    ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
    input = ZSTD_inBuffer()
    (hasBegun, isWithinFrame, isOverflowing) = (false, false, false)
  }

  /// Takes the next packed bytes, which must stay where they are until `next` wants more.
  package mutating func feed(_ bytes: UnsafeRawBufferPointer) {
    input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
  }

  /// The next bytes, good until the next call; nil when more have to be fed before.
  package mutating func next() throws(ZstandardError) -> UnsafeRawBufferPointer? {
    while input.pos < input.size || isOverflowing {
      var output = ZSTD_outBuffer(dst: piece.baseAddress, size: piece.count, pos: 0)
      let rest = ZSTD_decompressStream(context, &output, &input)
      if let failure = ZstandardError(code: rest) { throw failure }
      hasBegun = true
      isWithinFrame = rest != 0
      isOverflowing = isWithinFrame && output.pos == output.size
      if output.pos > 0 { return UnsafeRawBufferPointer(rebasing: piece[..<output.pos]) }
    }
    return nil
  }

  /// Fails unless what was fed ends where a frame does.
  package borrowing func finish() throws(ZstandardError) {
    if isWithinFrame || !hasBegun { throw .cutShort }
  }
}

/// What is wrong with a frame, or why it could not be made.
package struct ZstandardError: Error, Sendable, Hashable, CustomStringConvertible {
  package let reason: String

  /// A frame that has no end.
  static let cutShort = ZstandardError(reason: "the frame is cut short")

  private init(reason: String) {
    self.reason = reason
  }

  /// Nil when `code` is no error.
  init?(code: Int) {
    guard ZSTD_isError(code) != 0 else { return nil }
    reason = String(cString: ZSTD_getErrorName(code))
  }

  package var description: String { "Zstandard: \(reason)" }
}
