/// Why a text is not JSON, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The byte at which reading stopped.
  public let offset: Int
  /// What stands there that should not, or what is missing.
  public let reason: String

  /// One line for people.
  public var description: String { "invalid JSON at byte \(offset): \(reason)" }
}

/// Reads JSON from bytes, strictly: RFC 8259 without extensions, UTF-8 only, bounded depth.
///
/// A byte order mark in front is accepted, since tools on Windows write one. `NaN`, comments,
/// trailing commas and lone surrogates are refused: a client's reader would stop at them.
package struct JSONReader {
  /// Deeper nesting than any package has, and shallow enough for any thread's stack.
  package static let depthLimit = 64

  private let bytes: [UInt8]
  package private(set) var position: Int

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The one value that `bytes` hold.
  package static func value(in bytes: [UInt8]) throws(JSONError) -> JSONValue {
    var reader = JSONReader(bytes)
    let value = try reader.value(depth: 0)
    try reader.end()
    return value
  }

  /// Expects that only white space is left.
  package mutating func end() throws(JSONError) {
    skipWhitespace()
    if position < bytes.count { throw error("text after the value") }
  }

  // MARK: Objects and slices, for documents too large to hold as values

  /// Enters an object and calls `body` with each member's name; `body` reads or skips the value.
  package mutating func forEachMember(
    _ body: (String, inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try forEachMember(name: { (reader) throws(JSONError) in try reader.string() }, body)
  }

  private mutating func forEachMember<Name>(
    name: (inout JSONReader) throws(JSONError) -> Name,
    _ body: (Name, inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try expect(UInt8(ascii: "{"))
    skipWhitespace()
    if take(UInt8(ascii: "}")) { return }
    while true {
      skipWhitespace()
      guard peek() == UInt8(ascii: "\"") else { throw error("expected a member name") }
      let name = try name(&self)
      try expect(UInt8(ascii: ":"))
      try body(name, &self)
      skipWhitespace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "}")) { return }
      throw error("expected , or } in an object")
    }
  }

  /// Enters an array and calls `body` before each element, which it reads.
  package mutating func forEachElement(
    _ body: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try expect(UInt8(ascii: "["))
    skipWhitespace()
    if take(UInt8(ascii: "]")) { return }
    while true {
      try body(&self)
      skipWhitespace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "]")) { return }
      throw error("expected , or ] in an array")
    }
  }

  /// Passes over one value without keeping any of it.
  package mutating func skipValue(depth: Int = 0) throws(JSONError) {
    guard depth <= Self.depthLimit else { throw nestedTooDeep }
    skipWhitespace()
    switch peek() {
    case UInt8(ascii: "{"):
      try forEachMember(
        name: { (reader) throws(JSONError) in try reader.skipString() },
        { (_, reader) throws(JSONError) in try reader.skipValue(depth: depth + 1) })
    case UInt8(ascii: "["):
      try forEachElement { (reader) throws(JSONError) in try reader.skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""):
      try skipString()
    default:
      _ = try value(depth: depth)
    }
  }

  private mutating func skipString() throws(JSONError) {
    position += 1
    while let byte = peek() {
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return }
      position = bytes.withUnsafeBufferPointer { bytes in
        var position = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\""),
          bytes[position] != UInt8(ascii: "\\")
        {
          position &+= 1
        }
        return position
      }
    }
    throw error("the text ends within a string")
  }

  private var nestedTooDeep: JSONError {
    error("nested more than \(Self.depthLimit) levels deep")
  }

  // MARK: Values

  /// The next value.
  package mutating func value(depth: Int = 0) throws(JSONError) -> JSONValue {
    guard depth <= Self.depthLimit else { throw nestedTooDeep }
    skipWhitespace()
    guard let byte = peek() else { throw error("the text ends where a value should be") }
    switch byte {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw error("expected a value")
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    var members: [JSONObject.Member] = []
    try forEachMember { (name, reader) throws(JSONError) in
      members.append(.init(name: name, value: try reader.value(depth: depth + 1)))
    }
    return JSONObject(unsorted: members)
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    var values: [JSONValue] = []
    try forEachElement { (reader) throws(JSONError) in
      values.append(try reader.value(depth: depth + 1))
    }
    return values
  }

  private mutating func literal(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw error("expected a value") }
    position += text.utf8.count
    return value
  }

  private mutating func number() throws(JSONError) -> String {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if take(UInt8(ascii: "0")) {
      if let next = peek(), isDigit(next) { throw error("a number begins with 0") }
    } else {
      try digits()
    }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(JSONError) {
    guard let first = peek(), isDigit(first) else { throw error("expected a digit") }
    while let next = peek(), isDigit(next) { position += 1 }
  }

  // MARK: Strings

  private mutating func string() throws(JSONError) -> String {
    position += 1
    var text = ""
    while true {
      let run = plainRun()
      // Most strings are one run.
      if text.isEmpty { text = run.text ?? "" } else { text += run.text ?? "" }
      if run.text == nil { throw error("a string that is not UTF-8") }
      position = run.end
      switch peek() {
      case UInt8(ascii: "\""):
        position += 1
        return text
      case UInt8(ascii: "\\"):
        position += 1
        text.unicodeScalars.append(try escape())
      case nil: throw error("the text ends within a string")
      default: throw error("a control character in a string")
      }
    }
  }

  /// The text from here to the next byte that does not stand for itself, and where that is; no text
  /// when it is not UTF-8.
  private func plainRun() -> (text: String?, end: Int) {
    bytes.withUnsafeBufferPointer { bytes in
      var end = position
      var combined: UInt8 = 0
      while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\""),
        bytes[end] != UInt8(ascii: "\\")
      {
        combined |= bytes[end]
        end &+= 1
      }
      let run = UnsafeBufferPointer(rebasing: bytes[position..<end])
      // What is ASCII needs no closer look, which costs more than the string.
      if combined < 0x80 { return (String(decoding: run, as: UTF8.self), end) }
      return (String(validating: run, as: UTF8.self), end)
    }
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    guard let byte = peek() else { throw error("the text ends within an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error("an unknown escape")
    }
  }

  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let first = try codeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
      throw error("half of a surrogate pair")
    }
    let second = try codeUnit()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error("half of a surrogate pair") }
    return scalar
  }

  private mutating func codeUnit() throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = hexadecimal(byte) else {
        throw error("expected four hexadecimal digits")
      }
      unit = unit << 4 | digit
      position += 1
    }
    return unit
  }

  private func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  // MARK: Bytes

  private func peek() -> UInt8? {
    position < bytes.count ? bytes[position] : nil
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(JSONError) {
    skipWhitespace()
    if !take(byte) { throw error("expected \(Character(Unicode.Scalar(byte)))") }
  }

  private mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private func error(_ reason: String) -> JSONError {
    JSONError(offset: position, reason: reason)
  }
}
