/// Why a text is not YAML that can be read here, and where.
package struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Counted from 1.
  package let line: Int
  package let reason: String

  package var description: String { "unreadable YAML in line \(line): \(reason)" }
}

/// Reads the YAML that build tools leave in packages: block mappings and sequences, plain, quoted
/// and block scalars, and flow collections on one line.
///
/// Anchors, tags, directives and several documents are refused: no build tool writes them there.
package struct YAMLReader {
  private static let depthLimit = 64

  private var lines: [Line]
  private var position = 0

  private struct Line {
    var indentation: Int
    var text: Substring
    var isBlank: Bool { text.isEmpty || text.first == "#" }
  }

  /// The one value that `bytes` hold.
  package static func value(in bytes: [UInt8]) throws(YAMLError) -> JSONValue {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw YAMLError(line: 1, reason: "not UTF-8")
    }
    var reader = YAMLReader(text)
    let value = try reader.block(deeperThan: -1, depth: 0)
    reader.skipBlankLines()
    if reader.position < reader.lines.count { throw reader.error("a line that belongs nowhere") }
    return value
  }

  private init(_ text: String) {
    // A carriage return and the newline behind it are one character.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    self.lines = lines.map { line in
      let content = line.drop { $0 == " " }
      return Line(
        indentation: line.utf8.count - content.utf8.count,
        text: content.hasPrefix("---") ? "" : content)
    }
  }

  // MARK: Blocks

  private mutating func block(deeperThan parent: Int, depth: Int) throws(YAMLError) -> JSONValue {
    guard depth < Self.depthLimit else { throw error("nested too deeply") }
    skipBlankLines()
    guard position < lines.count, lines[position].indentation > parent else { return .null }
    let indentation = lines[position].indentation
    if isItem(lines[position].text) { return try sequence(at: indentation, depth: depth) }
    if keyEnd(in: lines[position].text) != nil { return try mapping(at: indentation, depth: depth) }
    let first = lines[position].text
    position += 1
    return try scalar(first, continuedDeeperThan: parent)
  }

  private mutating func sequence(at indentation: Int, depth: Int) throws(YAMLError) -> JSONValue {
    var values: [JSONValue] = []
    while let line = nextLine(at: indentation), isItem(line.text) {
      // What follows the hyphen is a block of its own, further in.
      let content = line.text.dropFirst().drop { $0 == " " }
      let offset = line.text.utf8.count - content.utf8.count
      lines[position] = Line(indentation: indentation + offset, text: content)
      values.append(try block(deeperThan: indentation, depth: depth + 1))
    }
    return .array(values)
  }

  private mutating func mapping(at indentation: Int, depth: Int) throws(YAMLError) -> JSONValue {
    var members: [JSONObject.Member] = []
    while let line = nextLine(at: indentation), !isItem(line.text) {
      guard let end = keyEnd(in: line.text) else { throw error("expected a key") }
      let key = try scalar(line.text[..<end])
      let rest = line.text[line.text.index(after: end)...].drop { $0 == " " }
      position += 1
      let value = try value(rest, of: indentation, depth: depth)
      members.append(.init(name: key, value: value))
    }
    return .object(JSONObject(unsorted: members))
  }

  private mutating func value(
    _ rest: Substring, of indentation: Int, depth: Int
  ) throws(YAMLError) -> JSONValue {
    if rest.isEmpty || rest.first == "#" {
      // A sequence may stand as far out as the key it belongs to.
      if let line = nextLine(at: indentation), isItem(line.text) {
        return try sequence(at: indentation, depth: depth + 1)
      }
      return try block(deeperThan: indentation, depth: depth + 1)
    }
    if rest.first == "|" || rest.first == ">" {
      guard rest.dropFirst().prefix(while: { $0 != " " }).allSatisfy("+-123456789".contains) else {
        throw error("\(rest) where a block of text should begin")
      }
      return .string(blockScalar(rest, deeperThan: indentation))
    }
    return try scalar(rest, continuedDeeperThan: indentation)
  }

  private mutating func blockScalar(_ header: Substring, deeperThan parent: Int) -> String {
    var content: [Substring] = []
    let first = lines[position...].first { !$0.text.isEmpty }?.indentation ?? 0
    while position < lines.count {
      let line = lines[position]
      guard line.text.isEmpty || line.indentation > parent else { break }
      content.append(String(repeating: " ", count: max(0, line.indentation - first)) + line.text)
      position += 1
    }
    while content.last?.isEmpty == true { content.removeLast() }
    let text = content.joined(separator: header.first == "|" ? "\n" : " ")
    return header.contains("-") || content.isEmpty ? text : text + "\n"
  }

  // MARK: Scalars

  /// A value that begins with `first` and may go on in the following lines that stand further in.
  private mutating func scalar(
    _ first: Substring, continuedDeeperThan parent: Int
  ) throws(YAMLError) -> JSONValue {
    var text = String(first)
    var enclosure = Enclosure(first)
    while position < lines.count, enclosure?.isClosed != true {
      let line = lines[position]
      guard line.text.isEmpty || line.indentation > parent || enclosure != nil else { break }
      guard !line.text.hasPrefix("#") || enclosure != nil else { break }
      if enclosure == nil, keyEnd(in: line.text) != nil { throw error("a key within a text") }
      if !line.text.isEmpty { text += (text.isEmpty ? "" : " ") + line.text }
      enclosure?.read(line.text)
      position += 1
    }
    if text.first == "[" || text.first == "{" {
      var flow = FlowReader(text[...])
      guard let value = flow.value(), flow.isAtEnd else { throw error("a flow collection") }
      return value
    }
    return try typed(text[...])
  }

  /// The quotes or brackets around a value that may go on over lines.
  ///
  /// Each line is looked at once, however many there are.
  private struct Enclosure {
    private(set) var isClosed = false
    private let opening: Character
    private var depth = 0
    private var isEscaped = false

    init?(_ text: Substring) {
      guard let opening = text.first, "\"'[{".contains(opening) else { return nil }
      self.opening = opening
      depth = opening == "\"" || opening == "'" ? 1 : 0
      read(depth == 1 ? text.dropFirst() : text)
    }

    mutating func read(_ text: Substring) {
      for character in text {
        if opening == "'" {
          // Doubled, it is part of the text: closed and opened again.
          if character == "'" { isClosed.toggle() }
        } else if isClosed {
          return
        } else if isEscaped {
          isEscaped = false
        } else if opening == "\"", character == "\\" {
          isEscaped = true
        } else if opening == "\"" {
          isClosed = character == opening
        } else if "[{".contains(character) {
          depth += 1
        } else if "]}".contains(character) {
          depth -= 1
          isClosed = depth <= 0
        }
      }
    }
  }

  private func scalar(_ text: Substring) throws(YAMLError) -> String {
    switch try typed(text) {
    case .string(let string): string
    case .number(let number): number
    default: String(text)
    }
  }

  private func typed(_ text: Substring) throws(YAMLError) -> JSONValue {
    if let first = text.first, "&*!|>%@`".contains(first) { throw error("\(first) in front") }
    guard let value = FlowReader.scalar(text) else { throw error("a quote that is not closed") }
    return value
  }

  // MARK: Lines

  private mutating func skipBlankLines() {
    while position < lines.count, lines[position].isBlank { position += 1 }
  }

  private mutating func nextLine(at indentation: Int) -> Line? {
    skipBlankLines()
    guard position < lines.count, lines[position].indentation == indentation else { return nil }
    return lines[position]
  }

  private func isItem(_ text: Substring) -> Bool { text == "-" || text.hasPrefix("- ") }

  /// Where the colon stands that makes a line a key with its value.
  private func keyEnd(in text: Substring) -> Substring.Index? {
    guard let first = text.first, !"[{".contains(first) else { return nil }
    var start = text.startIndex
    if first == "\"" || first == "'" {
      guard let end = FlowReader.quotedEnd(in: text) else { return nil }
      start = end
    }
    return text[start...].indices.first { index in
      guard text[index] == ":" else { return false }
      let next = text.index(after: index)
      return next == text.endIndex || text[next] == " "
    }
  }

  private func error(_ reason: String) -> YAMLError {
    YAMLError(line: min(position, lines.count - 1) + 1, reason: reason)
  }
}
