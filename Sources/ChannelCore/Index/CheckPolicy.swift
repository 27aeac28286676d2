/// A question that every package is asked before it is published.
public struct PackageCheck: Sendable, Hashable, CaseIterable {
  /// What follows when a package does not pass.
  public enum Level: String, Sendable, Hashable, CaseIterable {
    /// The package is quarantined.
    case refuse
    /// The package is published, and the report says what is odd.
    case warn
    /// The question is not asked.
    case off
  }

  /// The check's name, as options and reports spell it.
  public let name: String
  /// What the check asks for and why, in one line.
  public let explanation: String
  /// The level that holds unless a policy says otherwise.
  public let defaultLevel: Level

  /// The file is called after the record in it.
  public static let fileName = PackageCheck(
    name: "file-name", defaultLevel: .refuse,
    explanation: "The file is called name-version-build; clients take all three from its name.")
  /// The record is for the subdir the file lies in.
  public static let subdir = PackageCheck(
    name: "subdir", defaultLevel: .refuse,
    explanation: "The record's subdir is the directory's; pixi would look for the file elsewhere.")
  /// The name is one that clients find.
  public static let name = PackageCheck(
    name: "name", defaultLevel: .refuse,
    explanation: "The name keeps CEP 26; clients look for no other, upper-case ones included.")
  /// Versions and builds keep CEP 26.
  public static let syntax = PackageCheck(
    name: "syntax", defaultLevel: .warn,
    explanation: "Version, build and file name keep to the characters and lengths of CEP 26.")
  /// Dependencies can be read.
  public static let matchSpecs = PackageCheck(
    name: "match-specs", defaultLevel: .warn,
    explanation: "Every dependency and constraint is a match spec; others can never be satisfied.")
  /// Fields that CEP 34 wants are there.
  public static let fields = PackageCheck(
    name: "fields", defaultLevel: .off,
    explanation: "The record has the fields depends and subdir, which CEP 34 requires.")
  /// The build was not made in the future.
  public static let timestamp = PackageCheck(
    name: "timestamp", defaultLevel: .warn,
    explanation: "The build's timestamp is not in the future, where it would win every tie.")
  /// Run exports can be read.
  public static let runExports = PackageCheck(
    name: "run-exports", defaultLevel: .refuse,
    explanation: "Run exports are lists of match specs; builds would silently lack dependencies.")

  /// All checks, in the order in which they are made.
  public static let allCases = [
    fileName, subdir, name, syntax, matchSpecs, fields, timestamp, runExports,
  ]

  private init(name: String, defaultLevel: Level, explanation: String) {
    self.name = name
    self.defaultLevel = defaultLevel
    self.explanation = explanation
  }
}

/// Which checks are made, and what follows from each.
public struct CheckPolicy: Sendable, Hashable {
  private var levels: [PackageCheck: PackageCheck.Level] = [:]

  /// What would break a client is refused, the rest draws a warning.
  public init() {}

  /// The level of one check.
  public subscript(check: PackageCheck) -> PackageCheck.Level {
    get { levels[check] ?? check.defaultLevel }
    set { levels[check] = newValue }
  }

  /// The policy in one line, the same for policies that judge alike.
  var fingerprint: String {
    PackageCheck.allCases.map { "\($0.name)=\(self[$0].rawValue)" }.joined(separator: " ")
  }
}
