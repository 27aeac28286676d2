/// The part of YAML that stands within a line: scalars and flow collections.
struct FlowReader {
  private var rest: Substring
  private var depth = 0

  init(_ text: Substring) {
    rest = text
  }

  var isAtEnd: Bool {
    let rest = rest.drop { $0 == " " }
    return rest.isEmpty || rest.first == "#"
  }

  /// The next value; nil when there is none that can be read.
  mutating func value() -> JSONValue? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 32 else { return nil }
    skipSpaces()
    switch rest.first {
    case "[":
      var values: [JSONValue] = []
      guard items(until: "]", { values.append($0) }) else { return nil }
      return .array(values)
    case "{":
      var members: [JSONObject.Member] = []
      guard pairs({ members.append(.init(name: $0, value: $1)) }) else { return nil }
      return .object(JSONObject(unsorted: members))
    default:
      return Self.scalar(takeScalar(until: ",]}"))
    }
  }

  private mutating func items(until end: Character, _ body: (JSONValue) -> Void) -> Bool {
    rest = rest.dropFirst()
    while true {
      skipSpaces()
      if take(end) { return true }
      guard let value = value() else { return false }
      body(value)
      skipSpaces()
      if !take(","), rest.first != end { return false }
    }
  }

  private mutating func pairs(_ body: (String, JSONValue) -> Void) -> Bool {
    rest = rest.dropFirst()
    while true {
      skipSpaces()
      if take("}") { return true }
      guard case .string(let key)? = Self.scalar(takeScalar(until: ":,}")), take(":"),
        let value = value()
      else { return false }
      body(key, value)
      skipSpaces()
      if !take(","), rest.first != "}" { return false }
    }
  }

  private mutating func takeScalar(until stops: String) -> Substring {
    let end: Substring.Index
    if rest.first == "\"" || rest.first == "'" {
      end = Self.quotedEnd(in: rest) ?? rest.endIndex
    } else {
      end = rest.firstIndex(where: stops.contains) ?? rest.endIndex
    }
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  private mutating func take(_ character: Character) -> Bool {
    guard rest.first == character else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func skipSpaces() {
    rest = rest.drop { $0 == " " }
  }

  // MARK: Scalars

  /// The index after the quote that closes a text which begins with one.
  static func quotedEnd(in text: Substring) -> Substring.Index? {
    guard let quote = text.first else { return nil }
    var index = text.index(after: text.startIndex)
    while index < text.endIndex {
      let next = text.index(after: index)
      if quote == "\"", text[index] == "\\" {
        guard next < text.endIndex else { return nil }
        index = text.index(after: next)
      } else if text[index] == quote {
        guard quote == "'", next < text.endIndex, text[next] == quote else { return next }
        index = text.index(after: next)
      } else {
        index = next
      }
    }
    return nil
  }

  /// What a scalar means; nil when a quote is not closed or more follows it.
  static func scalar(_ text: Substring) -> JSONValue? {
    switch text.first {
    case "'":
      guard let end = quotedEnd(in: text), isBlank(text[end...]) else { return nil }
      let content = text[..<end].dropFirst().dropLast()
      return .string(
        content.split(separator: "''", omittingEmptySubsequences: false)
          .joined(separator: "'"))
    case "\"":
      guard let end = quotedEnd(in: text), isBlank(text[end...]) else { return nil }
      // Double quotes are those of JSON, with escapes that no package was seen to use on top.
      guard let value = try? JSONReader.value(in: Array(text[..<end].utf8)) else { return nil }
      return value
    default:
      return plain(text)
    }
  }

  /// Whether nothing but a comment follows.
  private static func isBlank(_ text: Substring) -> Bool {
    let rest = text.drop { $0 == " " }
    return rest.isEmpty || rest.first == "#"
  }

  private static func plain(_ text: Substring) -> JSONValue {
    var text = text
    if let comment = text.firstRange(of: " #") { text = text[..<comment.lowerBound] }
    while text.last == " " { text = text.dropLast() }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    if case .number(let number)? = try? JSONReader.value(in: Array(text.utf8)) {
      return .number(number)
    }
    return .string(String(text))
  }
}
