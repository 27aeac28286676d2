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
    guard let (head, keys) = MatchSpecText.splitBrackets(MatchSpecText.uncommented(text))
    else { return nil }
    let tight = MatchSpecText.tightened(head)
    var parts = tight.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
    if let last = parts.last, parts.count == 1 || MatchSpecText.mayHoldBuild(last) {
      parts = parts.dropLast() + MatchSpecText.splitCompact(last)
    }
    guard (1...3).contains(parts.count) else { return nil }
    // A channel, and possibly a subdir, may stand in front of the name.
    guard let name = parts[0].split(separator: UInt8(ascii: ":")).last, MatchSpecText.isName(name)
    else { return nil }
    if parts.count > 1, !VersionConstraint.isValid(parts[1]) { return nil }
    for key in keys where key.name == "version" {
      guard VersionConstraint.isValid(Array(key.value.utf8)[...]) else { return nil }
    }
    self.name = String(decoding: name, as: UTF8.self)
    self.keys = keys
    version = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : nil
    build = parts.count > 2 ? String(decoding: parts[2], as: UTF8.self) : nil
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
  typealias Text = ArraySlice<UInt8>

  private static func isSign(_ byte: UInt8) -> Bool { ("=<>!~" as StaticString).contains(byte) }

  /// The text without the comment that may follow it.
  static func uncommented(_ text: String) -> Text {
    let text = Array(text.utf8)[...]
    let comment = text.indices.dropLast().first {
      text[$0] == UInt8(ascii: " ") && text[$0 + 1] == UInt8(ascii: "#")
    }
    return text[..<(comment ?? text.endIndex)]
  }

  /// The text before the brackets, and what stands within them.
  static func splitBrackets(_ text: Text) -> (Text, [MatchSpec.Key])? {
    let text = text.trimming(UInt8(ascii: " "))
    let open = text.firstIndex(of: UInt8(ascii: "["))
    guard text.last == UInt8(ascii: "]") else { return open == nil ? (text, []) : nil }
    guard let open else { return nil }
    var keys: [MatchSpec.Key] = []
    var rest = text[(open + 1)...].dropLast()
    while true {
      rest = rest.trimming(UInt8(ascii: " "))
      guard !rest.isEmpty else { break }
      guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      let name = rest[..<equals].trimming(UInt8(ascii: " "))
      rest = rest[(equals + 1)...].trimming(UInt8(ascii: " "))
      guard let value = takeValue(&rest), !name.isEmpty else { return nil }
      keys.append(
        MatchSpec.Key(
          name: String(decoding: name, as: UTF8.self),
          value: String(decoding: value, as: UTF8.self)))
      rest = rest.trimming(UInt8(ascii: " "))
      if rest.first == UInt8(ascii: ",") { rest.removeFirst() } else if !rest.isEmpty { return nil }
    }
    return (text[..<open].trimming(UInt8(ascii: " ")), keys)
  }

  /// A value in quotes, a list in brackets, or all up to the next comma.
  private static func takeValue(_ rest: inout Text) -> Text? {
    let closing: UInt8?
    switch rest.first {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): closing = rest.first
    case UInt8(ascii: "["): closing = UInt8(ascii: "]")
    default: closing = nil
    }
    guard let closing else {
      let value = rest.prefix { $0 != UInt8(ascii: ",") }
      rest = rest[value.endIndex...]
      return value.trimming(UInt8(ascii: " "))
    }
    guard let end = rest.dropFirst().firstIndex(of: closing) else { return nil }
    let value = closing == UInt8(ascii: "]") ? rest[...end] : rest[..<end].dropFirst()
    rest = rest[(end + 1)...]
    return value
  }

  /// The text without spaces around what joins the parts of a constraint.
  static func tightened(_ text: Text) -> Text {
    let space = UInt8(ascii: " ")
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    for byte in text {
      if byte == space, let last = result.last, ("=<>!~,|" as StaticString).contains(last) {
        continue
      }
      if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "|") {
        while result.last == space { result.removeLast() }
      }
      result.append(byte)
    }
    return result[...]
  }

  /// Whether a build may follow a version without a space: `=1.8=build`, `1.8=build`.
  static func mayHoldBuild(_ version: Text) -> Bool {
    guard let first = version.first, !version.contains(UInt8(ascii: "|")) else { return false }
    if first.isDigit {
      return version.first { isSign($0) || $0 == UInt8(ascii: ",") } == UInt8(ascii: "=")
    }
    return isSign(first)
  }

  /// Splits `name>=1`, `name=1`, `name=1=build` and `1.8=build` where the first operator stands.
  static func splitCompact(_ text: Text) -> [Text] {
    guard let operatorStart = text.firstIndex(where: isSign) else { return [text] }
    let name = text[..<operatorStart]
    if name.first?.isDigit == true, text[operatorStart] == UInt8(ascii: "=") {
      return [name, text[(operatorStart + 1)...]]
    }
    var constraint = text[operatorStart...]
    // `=version=build`; in `==`, `<=` and the like the sign belongs to the operator.
    if let buildSign = constraint.dropFirst(2).firstIndex(of: UInt8(ascii: "=")),
      !isSign(constraint[buildSign - 1]), !constraint[..<buildSign].contains(UInt8(ascii: ","))
    {
      let build = constraint[(buildSign + 1)...]
      constraint = constraint[..<buildSign]
      return [name, constraint, build].filter { !$0.isEmpty }
    }
    return [name, constraint].filter { !$0.isEmpty }
  }

  static func isName(_ name: Text) -> Bool {
    !name.isEmpty
      && name.allSatisfy { $0.isLetter || $0.isDigit || ("._-*" as StaticString).contains($0) }
  }
}

/// A version's constraint: alternatives of conjunctions of comparisons.
private enum VersionConstraint {
  private static let operators = ["==", "!=", "<=", ">=", "~=", "=", "<", ">"].map {
    Array($0.utf8)
  }

  static func isValid(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(omittingEmptySubsequences: false) {
      $0 == UInt8(ascii: "|") || $0 == UInt8(ascii: ",")
    }
    return parts.allSatisfy { part in
      var part = part.trimming(UInt8(ascii: " ")).drop { $0 == UInt8(ascii: "(") }
      while part.last == UInt8(ascii: ")") { part.removeLast() }
      return isComparison(part.trimming(UInt8(ascii: " ")))
    }
  }

  private static func isComparison(_ text: ArraySlice<UInt8>) -> Bool {
    let star = UInt8(ascii: "*")
    if text.elementsEqual([star]) { return true }
    // A regular expression is the client's to read.
    if text.first == UInt8(ascii: "^") && text.last == UInt8(ascii: "$") { return true }
    var version = text
    if let sign = operators.first(where: { text.starts(with: $0) }) {
      version = text.dropFirst(sign.count).trimming(UInt8(ascii: " "))
    }
    if version.last == star {
      version.removeLast()
      if version.last == UInt8(ascii: ".") { version.removeLast() }
      if version.isEmpty { return true }
    }
    // `1.*.2` is a pattern, and readable as one.
    return !version.isEmpty
      && version.split(separator: star, omittingEmptySubsequences: true).allSatisfy { piece in
        PackageVersion.isValid(piece.trimming(UInt8(ascii: ".")))
      }
  }
}

extension ArraySlice<UInt8> {
  fileprivate func trimming(_ byte: UInt8) -> Self {
    var text = drop { $0 == byte }
    while text.last == byte { text.removeLast() }
    return text
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
