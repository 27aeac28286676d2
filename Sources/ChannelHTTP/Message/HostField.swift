/// The grammar of `uri-host [ ":" port ]`.
///
/// RFC 9110 section 7.2 and RFC 3986 section 3.2.2.
enum HostField {
  static func isValid(_ host: Span<UInt8>) -> Bool {
    var index = 0
    if !host.isEmpty, host[0] == 0x5B {
      guard let end = endOfLiteral(host) else { return false }
      index = end
    } else {
      while index < host.count, host[index] != ASCII.colon {
        if host[index] == ASCII.percent {
          guard index + 2 < host.count, host[index + 1].hexValue != nil,
            host[index + 2].hexValue != nil
          else { return false }
          index += 3
        } else {
          guard isNameCharacter(host[index]) else { return false }
          index += 1
        }
      }
    }
    guard index < host.count else { return true }
    guard host[index] == ASCII.colon, index > 0 else { return false }
    let port = host.extracting((index + 1)..<host.count)
    guard !port.isEmpty else { return true }
    guard let number = port.decimalValue() else { return false }
    return number <= 65_535
  }

  /// The index after the closing bracket of an IP literal.
  private static func endOfLiteral(_ host: Span<UInt8>) -> Int? {
    var index = 1
    var colons = 0
    while index < host.count, host[index] != 0x5D {
      let byte = host[index]
      guard byte.hexValue != nil || byte == ASCII.colon || byte == ASCII.dot else { return nil }
      if byte == ASCII.colon { colons += 1 }
      index += 1
    }
    return index < host.count && colons >= 2 && index <= 46 ? index + 1 : nil
  }

  /// Unreserved characters and sub-delims.
  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    if byte.isLetter || byte.isDigit { return true }
    return switch byte {
    case 0x2D, 0x2E, 0x5F, 0x7E, 0x21, 0x24, 0x26...0x2C, 0x3B, 0x3D: true
    default: false
    }
  }
}
