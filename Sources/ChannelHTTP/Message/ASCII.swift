internal import Glibc

/// The bytes that HTTP's grammar is made of, by name.
enum ASCII {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let hash: UInt8 = 0x23
  static let percent: UInt8 = 0x25
  static let asterisk: UInt8 = 0x2A
  static let comma: UInt8 = 0x2C
  static let minus: UInt8 = 0x2D
  static let dot: UInt8 = 0x2E
  static let slash: UInt8 = 0x2F
  static let zero: UInt8 = 0x30
  static let colon: UInt8 = 0x3A
  static let semicolon: UInt8 = 0x3B
  static let equals: UInt8 = 0x3D
  static let question: UInt8 = 0x3F
  static let delete: UInt8 = 0x7F
}

extension UInt8 {
  var isDigit: Bool { self &- ASCII.zero < 10 }

  var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

  /// The value of a hexadecimal digit in either case.
  var hexValue: UInt8? {
    if isDigit { return self &- ASCII.zero }
    let letter = (self | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }

  /// Letters in lower case, everything else as it is.
  var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

  var isOptionalWhitespace: Bool { self == ASCII.space || self == ASCII.tab }

  /// Whether the byte may stand in a token.
  ///
  /// RFC 9110 section 5.6.2. Two 64-bit sets, because a table would be a load away.
  var isTokenCharacter: Bool {
    if self < 64 { return Self.lowTokenCharacters >> UInt64(self) & 1 == 1 }
    if self < 128 { return Self.highTokenCharacters >> UInt64(self &- 64) & 1 == 1 }
    return false
  }

  // Letters, digits and !#$%&'*+-.^_`|~.
  private static let lowTokenCharacters: UInt64 = 0x03FF_6CFA_0000_0000
  private static let highTokenCharacters: UInt64 = 0x57FF_FFFF_C7FF_FFFE

  /// Whether the byte may stand in a field value: visible, space, tab or beyond ASCII.
  ///
  /// RFC 9110 section 5.5.
  var isFieldContent: Bool {
    self >= ASCII.space ? self != ASCII.delete : self == ASCII.tab
  }
}

extension Span<UInt8> {
  /// Whether the bytes spell `text`, which must be in lower case, in any case.
  func equalsIgnoringCase(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    let expected = UnsafeBufferPointer(start: text.utf8Start, count: count)
    for index in indices where self[index].lowercased != expected[index] { return false }
    return true
  }

  /// Whether the bytes are exactly `text`.
  func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    let expected = UnsafeBufferPointer(start: text.utf8Start, count: count)
    for index in indices where self[index] != expected[index] { return false }
    return true
  }

  /// Whether the bytes are the same as `other`.
  func equals(_ other: [UInt8]) -> Bool {
    guard count == other.count else { return false }
    return withUnsafeBytes { bytes in
      other.withUnsafeBytes { other in
        guard let one = bytes.baseAddress, let other = other.baseAddress else { return true }
        return memcmp(one, other, bytes.count) == 0
      }
    }
  }

  /// The range of the bytes in `range` without white space at either end.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, self[start].isOptionalWhitespace { start += 1 }
    while end > start, self[end - 1].isOptionalWhitespace { end -= 1 }
    return start..<end
  }

  /// Calls `body` with each member of a comma-separated list, trimmed, empty ones left out.
  ///
  /// RFC 9110 section 5.6.1. Only for lists whose members hold no quoted strings.
  func forEachListMember(_ body: (Span<UInt8>) -> Void) {
    var start = 0
    while start < count {
      var end = start
      while end < count, self[end] != ASCII.comma { end += 1 }
      let member = trimmed(start..<end)
      if !member.isEmpty { body(extracting(member)) }
      start = end + 1
    }
  }

  /// A number written in decimal digits and nothing else; nil when it does not fit.
  func decimalValue() -> Int? {
    guard !isEmpty else { return nil }
    var value = 0
    for index in indices {
      guard self[index].isDigit else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = product.addingReportingOverflow(Int(self[index] &- ASCII.zero))
      if tooLarge || overflow { return nil }
      value = sum
    }
    return value
  }
}
