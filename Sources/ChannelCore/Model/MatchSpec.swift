/// A dependency: which packages satisfy it (CEP 29), as far as an index must understand it.
public struct MatchSpec: Sendable, Hashable {
  /// The package's name, or a pattern for names.
  public let name: String
  /// The versions that satisfy it; nil for all.
  public let version: String?
  /// The build strings that satisfy it; nil for all.
  public let build: String?
  /// What stands in brackets, in the order it stands there.
  public let keys: [Key]

  /// One `name=value` pair in brackets.
  public struct Key: Sendable, Hashable {
    /// The key.
    public let name: String
    /// The value, without quotes.
    public let value: String
  }

  /// Reads a match spec; nil when clients could not.
  public init?(_ text: String) {
    // A comment may follow.
    let text = text.firstRange(of: " #").map { String(text[..<$0.lowerBound]) } ?? text
    guard let (head, keys) = MatchSpecText.splitBrackets(text) else { return nil }
    var parts = MatchSpecText.tightened(head)
      .split(separator: " ", omittingEmptySubsequences: true)
    if let last = parts.last, parts.count == 1 || MatchSpecText.mayHoldBuild(last) {
      parts = parts.dropLast() + MatchSpecText.splitCompact(last)
    }
    guard (1...3).contains(parts.count) else { return nil }
    // A channel, and possibly a subdir, may stand in front of the name.
    guard let name = parts[0].split(separator: ":").last.map(String.init),
      MatchSpecText.isName(name)
    else { return nil }
    self.name = name
    self.keys = keys
    version = parts.count > 1 ? String(parts[1]) : nil
    build = parts.count > 2 ? String(parts[2]) : nil
    if let version, !VersionConstraint.isValid(version) { return nil }
    for key in keys where key.name == "version" && !VersionConstraint.isValid(key.value) {
      return nil
    }
  }

  /// The keys that only clients of repodata revision 3 understand (CEP 43, 44, 45).
  private static let revision3Keys: Set<String> = ["extras", "flags", "when"]

  /// Whether only clients of repodata revision 3 understand the dependency.
  public var needsRevision3: Bool { keys.contains { Self.revision3Keys.contains($0.name) } }

  /// The one spelling that revision 3 allows (CEP 48): a bare name, or everything in brackets.
  public var revision3Spelling: String {
    var pairs: [Key] = []
    if let version { pairs.append(Key(name: "version", value: version)) }
    if let build { pairs.append(Key(name: "build", value: build)) }
    pairs += keys
    if pairs.isEmpty { return name }
    let text = pairs.map { pair in
      // A list is no string.
      if pair.value.hasPrefix("[") { return "\(pair.name)=\(pair.value)" }
      let quote = pair.value.utf8.contains(UInt8(ascii: "\"")) ? "'" : "\""
      return "\(pair.name)=\(quote)\(pair.value)\(quote)"
    }
    return "\(name)[\(text.joined(separator: ","))]"
  }
}

/// The pieces a match spec's text falls into.
private enum MatchSpecText {
  /// The text before the brackets, and what stands within them.
  static func splitBrackets(_ text: String) -> (String, [MatchSpec.Key])? {
    let text = text.trimmingSpaces()
    guard text.utf8.last == UInt8(ascii: "]") else {
      return text.utf8.contains(UInt8(ascii: "[")) ? nil : (String(text), [])
    }
    guard let open = text.firstIndex(of: "[") else { return nil }
    var keys: [MatchSpec.Key] = []
    var rest = text[text.index(after: open)...].dropLast()
    while true {
      rest = rest.trimmingSpaces()
      guard !rest.isEmpty else { break }
      guard let equals = rest.firstIndex(of: "=") else { return nil }
      let name = rest[..<equals].trimmingSpaces()
      rest = rest[rest.index(after: equals)...].trimmingSpaces()
      guard let value = takeValue(&rest), !name.isEmpty else { return nil }
      keys.append(MatchSpec.Key(name: String(name), value: String(value)))
      rest = rest.trimmingSpaces()
      if rest.first == "," { rest = rest.dropFirst() } else if !rest.isEmpty { return nil }
    }
    return (String(text[..<open].trimmingSpaces()), keys)
  }

  /// A value in quotes, a list in brackets, or all up to the next comma.
  private static func takeValue(_ rest: inout Substring) -> Substring? {
    let closing: Character?
    switch rest.first {
    case "\"", "'": closing = rest.first
    case "[": closing = "]"
    default: closing = nil
    }
    guard let closing else {
      let value = rest.prefix { $0 != "," }
      rest = rest.dropFirst(value.count)
      return value.trimmingSpaces()
    }
    guard let end = rest.dropFirst().firstIndex(of: closing) else { return nil }
    let value = closing == "]" ? rest[...end] : rest[..<end].dropFirst()
    rest = rest[rest.index(after: end)...]
    return value
  }

  /// The text without spaces around what joins the parts of a constraint.
  static func tightened(_ text: String) -> String {
    let joints = "=<>!~,|"
    var result = ""
    for character in text {
      if character == " ", let last = result.last, joints.contains(last) { continue }
      if ",|".contains(character) {
        while result.last == " " { result.removeLast() }
      }
      result.append(character)
    }
    return result
  }

  /// Whether a build may follow a version without a space: `=1.8=build`, `1.8=build`.
  static func mayHoldBuild(_ version: Substring) -> Bool {
    guard let first = version.first, !version.contains("|") else { return false }
    if first.isNumber { return version.first { "=<>!~,".contains($0) } == "=" }
    return "=<>!~".contains(first)
  }

  /// Splits `name>=1`, `name=1`, `name=1=build` and `1.8=build` where the first operator stands.
  static func splitCompact(_ text: Substring) -> [Substring] {
    guard let operatorStart = text.firstIndex(where: { "=<>!~".contains($0) }) else {
      return [text]
    }
    let name = text[..<operatorStart]
    if name.first?.isNumber == true, text[operatorStart] == "=" {
      return [name, text[text.index(after: operatorStart)...]]
    }
    var constraint = text[operatorStart...]
    // `=version=build`; in `==`, `<=` and the like the sign belongs to the operator.
    if let buildSign = constraint.dropFirst(2).firstIndex(of: "=") {
      let before = constraint[constraint.index(before: buildSign)]
      if !"=<>!~".contains(before), !constraint[..<buildSign].contains(",") {
        let build = constraint[constraint.index(after: buildSign)...]
        constraint = constraint[..<buildSign]
        return [name, constraint, build].filter { !$0.isEmpty }
      }
    }
    return [name, constraint].filter { !$0.isEmpty }
  }

  static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        let byte = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || "._-*".utf8.contains(byte)
      }
  }
}

/// A version's constraint: alternatives of conjunctions of comparisons.
private enum VersionConstraint {
  private static let operators = ["==", "!=", "<=", ">=", "~=", "=", "<", ">"]

  static func isValid(_ text: String) -> Bool {
    let parts = text.split(omittingEmptySubsequences: false) { "|,".contains($0) }
    return parts.allSatisfy { part in
      isComparison(part.trimmingSpaces().drop { $0 == "(" }.trimmingParentheses())
    }
  }

  private static func isComparison(_ text: Substring) -> Bool {
    if text == "*" { return true }
    // A regular expression is the client's to read.
    if text.first == "^" && text.last == "$" { return true }
    var version = text
    if let sign = operators.first(where: { text.hasPrefix($0) }) {
      version = text.dropFirst(sign.count).trimmingSpaces()
    }
    if version.hasSuffix(".*") {
      version = version.dropLast(2)
    } else if version.hasSuffix("*") {
      version = version.dropLast()
    }
    if version.isEmpty && text.hasSuffix("*") { return true }
    // `1.*.2` is a pattern, and readable as one.
    return !version.isEmpty
      && version.split(separator: "*", omittingEmptySubsequences: true).allSatisfy { piece in
        PackageVersion(piece.trimmingDots()) != nil
      }
  }
}

extension StringProtocol where SubSequence == Substring {
  fileprivate func trimmingSpaces() -> Substring { trimming(" ") }
  fileprivate func trimmingDots() -> Substring { trimming(".") }

  fileprivate func trimmingParentheses() -> Substring {
    var text = self[...]
    while text.last == ")" { text = text.dropLast() }
    return text.trimming(" ")
  }

  private func trimming(_ character: Character) -> Substring {
    var text = self.drop { $0 == character }
    while text.last == character { text = text.dropLast() }
    return text
  }
}
