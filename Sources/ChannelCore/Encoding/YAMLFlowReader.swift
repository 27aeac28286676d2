/// The part of YAML that stands within a line: scalars and flow collections.
struct FlowReader {
  private var rest: ArraySlice<UInt8>
  private var depth = 0

  init(_ text: ArraySlice<UInt8>) {
    rest = text
  }

  var isAtEnd: Bool { Self.isBlank(rest) }

  /// The next value; nil when there is none that can be read.
  mutating func value() -> JSONValue? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 32 else { return nil }
    skipSpaces()
    switch rest.first {
    case UInt8(ascii: "["):
      var values: [JSONValue] = []
      guard items(until: UInt8(ascii: "]"), { values.append($0) }) else { return nil }
      return .array(values)
    case UInt8(ascii: "{"):
      var members: [JSONObject.Member] = []
      guard pairs({ members.append(.init(name: $0, value: $1)) }) else { return nil }
      return .object(JSONObject(unsorted: members))
    default:
      return Self.scalar(takeScalar(until: ",]}"))
    }
  }

  private mutating func items(until end: UInt8, _ body: (JSONValue) -> Void) -> Bool {
    rest.removeFirst()
    while true {
      skipSpaces()
      if take(end) { return true }
      guard let value = value() else { return false }
      body(value)
      skipSpaces()
      if !take(UInt8(ascii: ",")), rest.first != end { return false }
    }
  }

  private mutating func pairs(_ body: (String, JSONValue) -> Void) -> Bool {
    let end = UInt8(ascii: "}")
    rest.removeFirst()
    while true {
      skipSpaces()
      if take(end) { return true }
      guard case .string(let key)? = Self.scalar(takeScalar(until: ":,}")),
        take(UInt8(ascii: ":")), let value = value()
      else { return false }
      body(key, value)
      skipSpaces()
      if !take(UInt8(ascii: ",")), rest.first != end { return false }
    }
  }

  private mutating func takeScalar(until stops: StaticString) -> ArraySlice<UInt8> {
    let end: Int
    if rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "'") {
      end = Self.quotedEnd(in: rest) ?? rest.endIndex
    } else {
      end = rest.firstIndex(where: stops.contains) ?? rest.endIndex
    }
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func skipSpaces() {
    rest = rest.droppingSpaces
  }

  // MARK: Scalars

  /// The index after the quote that closes a text which begins with one.
  static func quotedEnd(in text: ArraySlice<UInt8>) -> Int? {
    guard let quote = text.first else { return nil }
    var index = text.startIndex + 1
    while index < text.endIndex {
      if quote == UInt8(ascii: "\""), text[index] == UInt8(ascii: "\\") {
        index += 2
      } else if text[index] == quote {
        let next = index + 1
        guard quote == UInt8(ascii: "'"), next < text.endIndex, text[next] == quote
        else { return next }
        index += 2
      } else {
        index += 1
      }
    }
    return nil
  }

  /// What a scalar means; nil when a quote is not closed or more follows it.
  static func scalar(_ text: ArraySlice<UInt8>) -> JSONValue? {
    switch text.first {
    case UInt8(ascii: "'"):
      guard let end = quotedEnd(in: text), isBlank(text[end...]) else { return nil }
      // Within, a quote stands for itself when it is doubled.
      var content: [UInt8] = []
      var isDoubled = false
      for byte in text[..<end].dropFirst().dropLast() {
        isDoubled = byte == UInt8(ascii: "'") && !isDoubled
        if !isDoubled { content.append(byte) }
      }
      return .string(String(decoding: content, as: UTF8.self))
    case UInt8(ascii: "\""):
      guard let end = quotedEnd(in: text), isBlank(text[end...]) else { return nil }
      // Double quotes are those of JSON, with escapes that no package was seen to use on top.
      return try? JSONReader.value(in: Array(text[..<end]))
    default:
      return plain(text)
    }
  }

  /// Whether nothing but a comment follows.
  private static func isBlank(_ text: ArraySlice<UInt8>) -> Bool {
    let rest = text.droppingSpaces
    return rest.isEmpty || rest.first == UInt8(ascii: "#")
  }

  private static func plain(_ text: ArraySlice<UInt8>) -> JSONValue {
    let space = UInt8(ascii: " ")
    var text = text
    if let comment = text.indices.dropFirst().first(where: {
      text[$0] == UInt8(ascii: "#") && text[$0 - 1] == space
    }) {
      text = text[..<comment]
    }
    while text.last == space { text.removeLast() }
    let string = String(decoding: text, as: UTF8.self)
    switch string {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    if let first = text.first, ("-0123456789" as StaticString).contains(first),
      case .number? = try? JSONReader.value(in: Array(text))
    {
      return .number(string)
    }
    return .string(string)
  }
}

extension ArraySlice<UInt8> {
  /// What is left without the spaces in front.
  var droppingSpaces: Self { drop { $0 == UInt8(ascii: " ") } }
}

extension StaticString {
  /// Whether the byte is one of the text's.
  func contains(_ byte: UInt8) -> Bool {
    withUTF8Buffer { $0.contains(byte) }
  }
}
