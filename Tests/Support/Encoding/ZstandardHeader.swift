internal import CZstd

/// What a Zstandard frame says of itself before its content (RFC 8878 §3.1.1.1).
package struct ZstandardHeader: Sendable, Hashable {
  /// How large the frame unpacks, in bytes; nil when it does not say.
  package let contentSize: Int?
  /// How much memory unpacking takes, in bytes.
  package let windowSize: Int

  /// Reads the header in front of `frame`; nil when there is none.
  package init?(_ frame: [UInt8]) {
    guard frame.starts(with: [0x28, 0xB5, 0x2F, 0xFD]), frame.count > 5 else { return nil }
    let descriptor = frame[4]
    let isSingleSegment = descriptor & 0x20 != 0
    let dictionaryBytes = [0, 1, 2, 4][Int(descriptor & 3)]
    let sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
    let start = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes
    guard frame.count >= start + sizeBytes else { return nil }
    let size = frame[start..<(start + sizeBytes)].reversed().reduce(0) { $0 << 8 | Int($1) }
    contentSize = sizeBytes == 0 ? nil : sizeBytes == 2 ? size + 256 : size
    let base = 1 << (10 + Int(frame[5] >> 3))
    windowSize = isSingleSegment ? size : base + base / 8 * Int(frame[5] & 7)
  }
}

/// The size to which libzstd's own highest ordinary level compresses `bytes`.
package func sizeAtZstandardLevel19(of bytes: [UInt8]) -> Int {
  var buffer = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
  return ZSTD_compress(&buffer, buffer.count, bytes, bytes.count, 19)
}
