/// Which other channels clients shall load with this one (CEP 42).
public struct ChannelRelations: Sendable, Hashable {
  /// The channel that this one builds upon, with higher priority; relative to this one's URL.
  public let base: String?
  /// The channel whose packages this one's go before.
  public let overrides: String?

  /// No other channels.
  public init() {
    base = nil
    overrides = nil
  }

  /// Why a relation could not be declared.
  public struct Invalid: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line for people.
    public let description: String
  }

  /// Checks what an operator wrote.
  ///
  /// - Throws: ``Invalid`` when a reference is not a path that begins with `../`, or when both name
  ///   the same channel.
  public init(base: String?, overrides: String?) throws(Invalid) {
    for reference in [base, overrides].compactMap(\.self) {
      let isPlain = reference.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
      guard reference.hasPrefix("../"), isPlain, !reference.contains(where: { "?#\\".contains($0) })
      else { throw Invalid(description: "\"\(reference)\" is not a path that begins with ../") }
    }
    if let base, let overrides, Self.parts(of: base) == Self.parts(of: overrides) {
      throw Invalid(description: "the base and the overridden channel are the same: \(base)")
    }
    self.base = base
    self.overrides = overrides
  }

  /// A reference's steps, without those that lead nowhere.
  private static func parts(of reference: String) -> [Substring] {
    var parts: [Substring] = []
    for part in reference.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return parts
  }

  /// The value of `channel_relations`; nil when there is nothing to declare.
  var document: JSONObject? {
    guard base != nil || overrides != nil else { return nil }
    var document = JSONObject()
    document["base"] = base.map { .string($0) }
    document["overrides"] = overrides.map { .string($0) }
    return document
  }
}
