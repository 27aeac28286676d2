/// Which `Cache-Control` goes with which file.
///
/// The first rule whose pattern fits the file's name decides; clients get `otherwise` where none
/// does. RFC 9111 section 5.2.2, RFC 8246 for `immutable`.
public struct CachePolicy: Sendable, Hashable {
  /// One pattern and the field value for the files that it fits.
  public struct Rule: Sendable, Hashable {
    /// The pattern for a file's name, in which `*` stands for any run of characters.
    public var pattern: String
    /// The value of `Cache-Control`.
    public var value: String

    /// Creates a rule.
    public init(_ pattern: String, _ value: String) {
      self.pattern = pattern
      self.value = value
    }
  }

  /// The rules, the first that fits wins.
  public var rules: [Rule]
  /// The value for files that no rule fits, and for listings.
  public var otherwise: String

  /// Creates a policy.
  public init(rules: [Rule] = [], otherwise: String = "max-age=0") {
    self.rules = rules
    self.otherwise = otherwise
  }

  /// What suits a conda channel: packages and shards never change under their names, everything
  /// else is asked for again each time.
  ///
  /// An explicit `max-age` matters: some clients take its absence for an hour, or for a tenth of
  /// the file's age.
  public static let channel = CachePolicy(rules: [
    Rule("*repodata*.json*", "max-age=0"),
    Rule("repodata_shards.msgpack.zst", "max-age=0"),
    Rule("*.conda", immutable),
    Rule("*.tar.bz2", immutable),
    Rule("*.msgpack.zst", immutable),
  ])

  /// The same rules for what not everybody may read: no cache that several people share keeps it.
  ///
  /// RFC 9111 section 5.2.2.7.
  public var forPrivateUse: CachePolicy {
    func restricted(_ value: String) -> String {
      "private, " + (value.hasPrefix("public, ") ? String(value.dropFirst(8)) : value)
    }
    return CachePolicy(
      rules: rules.map { Rule($0.pattern, restricted($0.value)) }, otherwise: restricted(otherwise))
  }

  private static let immutable = "public, max-age=31536000, immutable"

  /// The value for a file called `name`.
  package func value(for name: some Collection<UInt8>) -> String {
    let name = Array(name)[...]
    return rules.first { NamePattern($0.pattern).fits(name) }?.value ?? otherwise
  }
}
