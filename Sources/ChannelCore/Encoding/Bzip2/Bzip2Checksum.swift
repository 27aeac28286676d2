/// The checksum of bzip2: the CRC-32 of Ethernet with the most significant bit first.
///
/// Sixteen bytes are taken at a time, each through a table of its own.
struct Bzip2Checksum: ~Copyable {
  private static let polynomial: UInt32 = 0x04C1_1DB7
  private static let step = 16

  private let tables: UnsafeMutablePointer<UInt32>

  init() {
    tables = .allocate(capacity: Self.step * 256)
    for byte in 0..<256 {
      var value = UInt32(byte) << 24
      for _ in 0..<8 { value = value << 1 ^ (value >> 31 == 1 ? Self.polynomial : 0) }
      tables[byte] = value
    }
    // Table n says what a byte amounts to once n zeros followed.
    for index in 256..<(Self.step * 256) {
      let value = tables[index - 256]
      tables[index] = value << 8 ^ tables[Int(value >> 24)]
    }
  }

  deinit {
    tables.deallocate()
  }

  /// The checksum of what gave `value` and `bytes` behind it; a block begins with all bits set.
  borrowing func extending(_ value: UInt32, over bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let start = bytes.baseAddress else { return value }
    var value = value
    var offset = 0
    while bytes.count - offset >= Self.step {
      let position = start + offset
      let first = word(at: position)
      let second = word(at: position + 4)
      let third = word(at: position + 8)
      let fourth = word(at: position + 12)
      value =
        (contribution(of: value ^ first, followedBy: 12)
          ^ contribution(of: second, followedBy: 8))
        ^ (contribution(of: third, followedBy: 4) ^ contribution(of: fourth, followedBy: 0))
      offset += Self.step
    }
    while offset < bytes.count {
      let byte = UInt8(truncatingIfNeeded: value >> 24) ^ bytes[offset]
      value = value << 8 ^ tables[Int(byte)]
      offset += 1
    }
    return value
  }

  @inline(__always)
  private borrowing func word(at position: UnsafeRawPointer) -> UInt32 {
    UInt32(bigEndian: position.loadUnaligned(as: UInt32.self))
  }

  /// What four bytes amount to with so many behind them.
  @inline(__always)
  private borrowing func contribution(of word: UInt32, followedBy zeros: Int) -> UInt32 {
    let table = tables + zeros * 256
    return (table[3 * 256 + Int(word >> 24)] ^ table[2 * 256 + Int(word >> 16 & 0xFF)])
      ^ (table[256 + Int(word >> 8 & 0xFF)] ^ table[Int(word & 0xFF)])
  }
}
