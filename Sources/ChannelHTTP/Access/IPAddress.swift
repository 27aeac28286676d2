internal import Glibc

/// An IP address of either family; those of the fourth version as the sixth maps them.
package struct IPAddress: Sendable, Hashable {
  let high, low: UInt64

  init(high: UInt64, low: UInt64) {
    (self.high, self.low) = (high, low)
  }

  init(version4 number: UInt32) {
    self.init(high: 0, low: 0xFFFF << 32 | UInt64(number))
  }

  /// Reads an address without brackets or port; a zone, as in `fe80::1%eth0`, is passed over.
  package init?(_ text: Span<UInt8>) {
    if let number = Self.version4(text) {
      self.init(version4: number)
      return
    }
    var end = 0
    while end < text.count, text[end] != ASCII.percent { end += 1 }
    guard (2..<Int(INET6_ADDRSTRLEN)).contains(end) else { return nil }
    let words = withUnsafeTemporaryAllocation(of: CChar.self, capacity: end + 1) { buffer in
      for index in 0..<end { buffer[index] = CChar(bitPattern: text[index]) }
      buffer[end] = 0
      var words = InlineArray<2, UInt64>(repeating: 0)
      let isAddress = withUnsafeMutableBytes(of: &words) {
        inet_pton(AF_INET6, buffer.baseAddress, $0.baseAddress) == 1
      }
      return isAddress ? words : nil
    }
    guard let words else { return nil }
    self.init(high: UInt64(bigEndian: words[0]), low: UInt64(bigEndian: words[1]))
  }

  /// Four numbers in decimal; nothing in front of them, so that nobody takes them for octal.
  private static func version4(_ text: Span<UInt8>) -> UInt32? {
    guard (7...15).contains(text.count) else { return nil }
    var (address, part, digits, dots): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
    for index in text.indices {
      let byte = text[index]
      if byte == ASCII.dot {
        guard digits > 0, dots < 3 else { return nil }
        address = address << 8 | part
        (part, digits, dots) = (0, 0, dots + 1)
      } else {
        guard byte.isDigit, digits == 0 || part > 0 else { return nil }
        part = part * 10 + UInt32(byte &- ASCII.zero)
        digits += 1
        guard part < 256 else { return nil }
      }
    }
    return dots == 3 && digits > 0 ? address << 8 | part : nil
  }

  var isVersion4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// The address as people write it.
  package var text: [UInt8] {
    if isVersion4 {
      var text: [UInt8] = []
      text.reserveCapacity(15)
      for shift in stride(from: 24, through: 0, by: -8) {
        let part = UInt8(truncatingIfNeeded: low >> UInt64(shift))
        if part >= 100 { text.append(ASCII.zero + part / 100) }
        if part >= 10 { text.append(ASCII.zero + part / 10 % 10) }
        text.append(ASCII.zero + part % 10)
        if shift > 0 { text.append(ASCII.dot) }
      }
      return text
    }
    let words: InlineArray<2, UInt64> = [high.bigEndian, low.bigEndian]
    let capacity = Int(INET6_ADDRSTRLEN)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
      withUnsafeBytes(of: words) {
        _ = inet_ntop(AF_INET6, $0.baseAddress, buffer.baseAddress, socklen_t(capacity))
      }
      return buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }
  }
}

/// The addresses that begin with the same bits: RFC 4632, RFC 4291 section 2.3.
package struct IPNetwork: Sendable, Hashable {
  private let address: IPAddress
  private let high, low: UInt64

  /// Reads an address, or the first of a network and how many bits count, as in `10.0.0.0/8`.
  package init?(_ text: String) {
    let parts = text.utf8.split(separator: ASCII.slash, omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let address = IPAddress(Array(parts[0]).span) else {
      return nil
    }
    let most = address.isVersion4 ? 32 : 128
    var bits = most
    if parts.count == 2 {
      guard let number = Array(parts[1]).span.decimalValue(), number <= most else { return nil }
      bits = number
    }
    bits += 128 - most
    high = bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits))
    low = bits <= 64 ? 0 : ~(bits == 128 ? 0 : UInt64.max >> UInt64(bits - 64))
    self.address = IPAddress(high: address.high & high, low: address.low & low)
    // Bits beyond those that count are somebody's mistake.
    guard self.address == address else { return nil }
  }

  package func contains(_ other: IPAddress) -> Bool {
    other.high & high == address.high && other.low & low == address.low
  }
}
