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
    var text: ArraySlice<UInt8>
    var isBlank: Bool { text.isEmpty || text.first == UInt8(ascii: "#") }
  }

  /// The one value that `bytes` hold.
  package static func value(in bytes: [UInt8]) throws(YAMLError) -> JSONValue {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw YAMLError(line: 1, reason: "not UTF-8")
    }
    var reader = YAMLReader(bytes)
    let value = try reader.block(deeperThan: -1, depth: 0)
    reader.skipBlankLines()
    if reader.position < reader.lines.count { throw reader.error("a line that belongs nowhere") }
    return value
  }

  private init(_ text: [UInt8]) {
    lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      let line = $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0
      let content = line.droppingSpaces
      return Line(
        indentation: line.count - content.count,
        text: content.starts(with: "---".utf8) ? [] : content)
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
      let content = line.text.dropFirst().droppingSpaces
      let offset = line.text.count - content.count
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
      let rest = line.text[(end + 1)...].droppingSpaces
      position += 1
      let value = try value(rest, of: indentation, depth: depth)
      members.append(.init(name: key, value: value))
    }
    return .object(JSONObject(unsorted: members))
  }

  private mutating func value(
    _ rest: ArraySlice<UInt8>, of indentation: Int, depth: Int
  ) throws(YAMLError) -> JSONValue {
    guard let first = rest.first, first != UInt8(ascii: "#") else {
      // A sequence may stand as far out as the key it belongs to.
      if let line = nextLine(at: indentation), isItem(line.text) {
        return try sequence(at: indentation, depth: depth + 1)
      }
      return try block(deeperThan: indentation, depth: depth + 1)
    }
    if first == UInt8(ascii: "|") || first == UInt8(ascii: ">") {
      let marks = rest.dropFirst().prefix { $0 != UInt8(ascii: " ") }
      guard marks.allSatisfy(("+-123456789" as StaticString).contains) else {
        let text = String(decoding: rest, as: UTF8.self)
        throw error("\(text) where a block of text should begin")
      }
      return .string(blockScalar(rest, deeperThan: indentation))
    }
    return try scalar(rest, continuedDeeperThan: indentation)
  }

  private mutating func blockScalar(
    _ header: ArraySlice<UInt8>, deeperThan parent: Int
  ) -> String {
    var content: [[UInt8]] = []
    let first = lines[position...].first { !$0.text.isEmpty }?.indentation ?? 0
    while position < lines.count {
      let line = lines[position]
      guard line.text.isEmpty || line.indentation > parent else { break }
      let indentation = max(0, line.indentation - first)
      content.append(Array(repeating: UInt8(ascii: " "), count: indentation) + line.text)
      position += 1
    }
    while content.last?.isEmpty == true { content.removeLast() }
    let joint = header.first == UInt8(ascii: "|") ? UInt8(ascii: "\n") : UInt8(ascii: " ")
    let text = String(decoding: Array(content.joined(separator: [joint])), as: UTF8.self)
    return header.contains(UInt8(ascii: "-")) || content.isEmpty ? text : text + "\n"
  }

  // MARK: Scalars

  /// A value that begins with `first` and may go on in the following lines that stand further in.
  private mutating func scalar(
    _ first: ArraySlice<UInt8>, continuedDeeperThan parent: Int
  ) throws(YAMLError) -> JSONValue {
    var text = first
    var enclosure = Enclosure(first)
    while position < lines.count, enclosure?.isClosed != true {
      let line = lines[position]
      guard line.text.isEmpty || line.indentation > parent || enclosure != nil else { break }
      guard line.text.first != UInt8(ascii: "#") || enclosure != nil else { break }
      if enclosure == nil, keyEnd(in: line.text) != nil { throw error("a key within a text") }
      if !line.text.isEmpty {
        if !text.isEmpty { text.append(UInt8(ascii: " ")) }
        text += line.text
      }
      enclosure?.read(line.text)
      position += 1
    }
    if text.first == UInt8(ascii: "[") || text.first == UInt8(ascii: "{") {
      var flow = FlowReader(text)
      guard let value = flow.value(), flow.isAtEnd else { throw error("a flow collection") }
      return value
    }
    return try typed(text)
  }

  /// The quotes or brackets around a value that may go on over lines.
  ///
  /// Each line is looked at once, however many there are.
  private struct Enclosure {
    private(set) var isClosed = false
    private let opening: UInt8
    private var depth = 0
    private var isEscaped = false

    init?(_ text: ArraySlice<UInt8>) {
      guard let opening = text.first, ("\"'[{" as StaticString).contains(opening)
      else { return nil }
      self.opening = opening
      let isQuote = opening == UInt8(ascii: "\"") || opening == UInt8(ascii: "'")
      read(isQuote ? text.dropFirst() : text)
    }

    mutating func read(_ text: ArraySlice<UInt8>) {
      for byte in text {
        if opening == UInt8(ascii: "'") {
          // Doubled, it is part of the text: closed and opened again.
          if byte == opening { isClosed.toggle() }
        } else if isClosed {
          return
        } else if isEscaped {
          isEscaped = false
        } else if opening == UInt8(ascii: "\"") {
          isEscaped = byte == UInt8(ascii: "\\")
          isClosed = byte == opening
        } else if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
          depth += 1
        } else if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
          depth -= 1
          isClosed = depth <= 0
        }
      }
    }
  }

  private func scalar(_ text: ArraySlice<UInt8>) throws(YAMLError) -> String {
    switch try typed(text) {
    case .string(let string): string
    case .number(let number): number
    default: String(decoding: text, as: UTF8.self)
    }
  }

  private func typed(_ text: ArraySlice<UInt8>) throws(YAMLError) -> JSONValue {
    if let first = text.first, ("&*!|>%@`" as StaticString).contains(first) {
      throw error("\(Character(Unicode.Scalar(first))) in front")
    }
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

  private func isItem(_ text: ArraySlice<UInt8>) -> Bool {
    text.first == UInt8(ascii: "-")
      && (text.count == 1 || text.dropFirst().first == UInt8(ascii: " "))
  }

  /// Where the colon stands that makes a line a key with its value.
  private func keyEnd(in text: ArraySlice<UInt8>) -> Int? {
    guard let first = text.first, first != UInt8(ascii: "["), first != UInt8(ascii: "{")
    else { return nil }
    var start = text.startIndex
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      guard let end = FlowReader.quotedEnd(in: text) else { return nil }
      start = end
    }
    return (start..<text.endIndex).first { index in
      text[index] == UInt8(ascii: ":")
        && (index + 1 == text.endIndex || text[index + 1] == UInt8(ascii: " "))
    }
  }

  private func error(_ reason: String) -> YAMLError {
    YAMLError(line: min(position, lines.count - 1) + 1, reason: reason)
  }
}
