internal import ArgumentParser
internal import ChannelCore

/// The value of a `--check` option: a check's name and the level it gets.
struct CheckOption: Sendable {
  let check: PackageCheck
  let level: PackageCheck.Level

  init(_ argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard let check = PackageCheck.allCases.first(where: { $0.name == parts.first }) else {
      let names = PackageCheck.allCases.map(\.name).joined(separator: ", ")
      throw ValidationError("\"\(argument)\" names no check; there are \(names).")
    }
    guard parts.count == 2, let level = PackageCheck.Level(rawValue: parts[1]) else {
      throw ValidationError("\"\(argument)\" sets no level: refuse, warn or off.")
    }
    self.check = check
    self.level = level
  }

  /// Every check with its level and reason, for the help text.
  static var listing: String {
    PackageCheck.allCases.map { check in
      "  \(check.name) (\(check.defaultLevel.rawValue)): \(check.explanation)"
    }.joined(separator: "\n")
  }
}
