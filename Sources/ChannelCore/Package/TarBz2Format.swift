/// The `.tar.bz2` format (CEP 35): one tar, in which `info/` usually, but not always, comes first, so
/// that all of a package is seldom unpacked.
enum TarBz2Format {
  /// How many of a file's last bytes `isComplete` looks at.
  static let tailLength = 11

  /// Whether a file ends as a bzip2 stream does.
  ///
  /// The metadata in front can be read from a file that is still being copied; this tells one that
  /// was cut short without unpacking all of it. A stream closes with a mark of 48 bits and a checksum
  /// of 32, and up to seven bits to fill the last byte.
  static func isComplete(tail: UnsafeRawBufferPointer) -> Bool {
    let mark: UInt64 = 0x1772_4538_5090
    for padding in 0..<8 {
      let end = tail.count * 8 - padding - 32
      guard end >= 48 else { return false }
      var bits: UInt64 = 0
      for position in (end - 48)..<end {
        let bit = tail[position / 8] >> UInt8(7 - position % 8) & 1
        bits = bits << 1 | UInt64(bit)
      }
      if bits == mark { return true }
    }
    return false
  }
}
