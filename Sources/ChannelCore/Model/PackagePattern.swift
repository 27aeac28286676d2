/// Which packages of a channel are meant, in an operator's words.
///
/// Two forms, each with a subdir in front where wanted: `name=version=build`, the build left out
/// for all of them, and `name-version-build` with or without an extension. `*` stands for any text
/// within a part and `?` for one character, so that `numpy-1.*-*` never means `numpy-base`.
public struct PackagePattern: Sendable, Hashable, CustomStringConvertible {
  /// The pattern as it was written.
  public let description: String
  private let subdir: Wildcard
  private let name: Wildcard
  private let version: Wildcard
  private let build: Wildcard
  private let format: ArchiveName.Format?

  /// Reads a pattern; nil when it has neither form.
  public init?(_ text: String) {
    description = text
    var rest = text[...]
    var subdir: Substring = "*"
    if let slash = rest.firstIndex(of: "/") {
      subdir = rest[..<slash]
      rest = rest[rest.index(after: slash)...]
    }
    guard !rest.contains("/"), !subdir.isEmpty else { return nil }
    self.subdir = Wildcard(subdir)
    let parts: [Substring]
    if rest.contains("=") {
      format = nil
      // `name==version` is a habit from match specs, and means the same.
      parts = rest.split(separator: "=", omittingEmptySubsequences: true)
      guard (2...3).contains(parts.count) else { return nil }
    } else {
      format = ArchiveName.Format.allCases.first { rest.hasSuffix($0.rawValue) }
      let stem = rest.dropLast(format?.rawValue.count ?? 0)
      guard let second = stem.lastIndex(of: "-"),
        let first = stem[..<second].lastIndex(of: "-")
      else { return nil }
      parts = [
        stem[..<first], stem[stem.index(after: first)..<second], stem[stem.index(after: second)...],
      ]
    }
    guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    name = Wildcard(parts[0])
    version = Wildcard(parts[1])
    build = Wildcard(parts.count > 2 ? parts[2] : "*")
  }

  /// Whether a package is meant.
  public func matches(_ package: PackageLocation) -> Bool {
    if let format, format != package.archive.format { return false }
    guard subdir.matches(package.subdir.name), let parts = package.archive.parts else {
      return false
    }
    return name.matches(parts.name) && build.matches(parts.build)
      && (version.matches(parts.version) || isSameVersion(parts.version))
  }

  /// Whether the version is another spelling of the pattern's, as `1.0` is of `1`.
  private func isSameVersion(_ text: Substring) -> Bool {
    guard version.isLiteral, let own = PackageVersion(version.text) else { return false }
    return own == PackageVersion(text)
  }
}

/// A text in which `*` stands for any text and `?` for one character.
package struct Wildcard: Sendable, Hashable {
  let text: String

  package init(_ text: some StringProtocol) {
    self.text = String(text)
  }

  var isLiteral: Bool { !text.contains { "*?".contains($0) } }

  package func matches(_ other: some StringProtocol) -> Bool {
    let (pattern, other) = (Array(text.utf8), Array(other.utf8))
    var (position, index) = (0, 0)
    // Where the last star stood, and how much of the text it has taken so far.
    var star: (position: Int, index: Int)?
    while index < other.count {
      if position < pattern.count, pattern[position] == UInt8(ascii: "*") {
        star = (position, index)
        position += 1
      } else if position < pattern.count,
        pattern[position] == UInt8(ascii: "?") || pattern[position] == other[index]
      {
        position += 1
        index += 1
      } else if let last = star {
        star = (last.position, last.index + 1)
        position = last.position + 1
        index = last.index + 1
      } else {
        return false
      }
    }
    return pattern[position...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
