/// Which versions satisfy a constraint such as `>=1.2,<2`, `1.2.*` or `=1.2|3` (CEP 29).
struct VersionRange: Sendable {
  private indirect enum Rule: Sendable {
    case any
    case all([Rule])
    case either([Rule])
    case not(Rule)
    case from(PackageVersion, inclusive: Bool)
    case until(PackageVersion, inclusive: Bool)
    case equal(PackageVersion)
    case prefix(PackageVersion)
  }

  private let rule: Rule

  /// Reads a constraint; nil when it is none.
  ///
  /// A regular expression, which is the client's to read, counts for satisfied by every version.
  init?(_ text: some StringProtocol) {
    var rest = Substring(text.filter { $0 != " " })
    guard let rule = Self.alternatives(&rest), rest.isEmpty else { return nil }
    self.rule = rule
  }

  /// Whether `version` satisfies the constraint.
  func contains(_ version: PackageVersion) -> Bool { Self.holds(rule, for: version) }

  private static func holds(_ rule: Rule, for version: PackageVersion) -> Bool {
    switch rule {
    case .any: true
    case .all(let rules): rules.allSatisfy { holds($0, for: version) }
    case .either(let rules): rules.contains { holds($0, for: version) }
    case .not(let rule): !holds(rule, for: version)
    case .from(let bound, let inclusive): bound < version || inclusive && bound == version
    case .until(let bound, let inclusive): version < bound || inclusive && bound == version
    case .equal(let other): version == other
    case .prefix(let prefix): version.starts(with: prefix)
    }
  }

  // MARK: Reading

  private static func alternatives(_ rest: inout Substring) -> Rule? {
    list(&rest, separatedBy: "|", conjunction).map { $0.count == 1 ? $0[0] : .either($0) }
  }

  private static func conjunction(_ rest: inout Substring) -> Rule? {
    list(&rest, separatedBy: ",", part).map { $0.count == 1 ? $0[0] : .all($0) }
  }

  private static func list(
    _ rest: inout Substring, separatedBy separator: Character, _ item: (inout Substring) -> Rule?
  ) -> [Rule]? {
    var rules: [Rule] = []
    while true {
      guard let rule = item(&rest) else { return nil }
      rules.append(rule)
      guard rest.first == separator else { return rules }
      rest = rest.dropFirst()
    }
  }

  private static func part(_ rest: inout Substring) -> Rule? {
    if rest.first == "(" {
      rest = rest.dropFirst()
      guard let rule = alternatives(&rest), rest.first == ")" else { return nil }
      rest = rest.dropFirst()
      return rule
    }
    if rest.first == "^" {
      rest = rest.drop { $0 != "$" }.dropFirst()
      return .any
    }
    let comparison = rest.prefix { !"|,()".contains($0) }
    rest = rest[comparison.endIndex...]
    return rule(comparison)
  }

  private static func rule(_ comparison: Substring) -> Rule? {
    let sign = ["==", "!=", "<=", ">=", "~=", "=", "<", ">"].first(where: comparison.hasPrefix)
    var text = comparison.dropFirst(sign?.count ?? 0)
    var isPrefix = sign == "="
    while text.last == "*" || isPrefix && text.last == "." {
      isPrefix = true
      text = text.dropLast()
    }
    if text.isEmpty { return isPrefix ? .any : nil }
    // A star in the midst is rare, and what it leaves open any version may fill.
    if text.contains("*") { return .any }
    guard let version = PackageVersion(text) else { return nil }
    switch sign {
    case "!=": return .not(isPrefix ? .prefix(version) : .equal(version))
    case "<": return .until(version, inclusive: false)
    case "<=": return .until(version, inclusive: true)
    case ">": return .from(version, inclusive: false)
    case ">=": return .from(version, inclusive: true)
    case "~=":
      guard let end = text.lastIndex(of: "."), let prefix = PackageVersion(text[..<end])
      else { return nil }
      return .all([.from(version, inclusive: true), .prefix(prefix)])
    default: return isPrefix ? .prefix(version) : .equal(version)
    }
  }
}

extension MatchSpec {
  /// A match spec that is put to many packages of its name.
  struct Matcher: Sendable {
    private let version: VersionRange?
    private let build: Substring?

    init(_ spec: MatchSpec) {
      let text = spec.version ?? spec.keys.first { $0.name == "version" }?.value
      version = text.flatMap { VersionRange($0) }
      build = (spec.build ?? spec.keys.first { $0.name == "build" }?.value)?[...]
    }

    /// Whether a package of the spec's name satisfies it, as far as its version and build tell.
    func matches(version: PackageVersion, build: @autoclosure () -> String) -> Bool {
      if let range = self.version, !range.contains(version) { return false }
      guard let pattern = self.build, pattern.first != "^" else { return true }
      return Self.matches(pattern[...], build()[...])
    }

    private static func matches(_ pattern: Substring, _ text: Substring) -> Bool {
      guard let star = pattern.firstIndex(of: "*") else { return pattern == text }
      guard text.hasPrefix(pattern[..<star]) else { return false }
      var rest = text.dropFirst(pattern.distance(from: pattern.startIndex, to: star))
      let tail = pattern[pattern.index(after: star)...]
      if tail.isEmpty { return true }
      while true {
        if matches(tail, rest) { return true }
        if rest.isEmpty { return false }
        rest = rest.dropFirst()
      }
    }
  }
}
