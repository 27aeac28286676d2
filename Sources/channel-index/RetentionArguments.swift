internal import ArgumentParser
internal import ChannelCore

/// The options that say which packages give way to newer ones.
struct RetentionArguments: ParsableArguments {
  @Option(help: ArgumentHelp("List only the newest versions of a name.", valueName: "n"))
  var keepVersions: Int?

  @Option(
    help: ArgumentHelp(
      "List only the highest build numbers of a version, each with all its variants.",
      valueName: "n"))
  var keepBuilds: Int?

  @Option(
    help: ArgumentHelp(
      "List what appeared in the last so many days in any case; alone, list nothing older.",
      valueName: "days"))
  var keepDays: Double?

  @Option(
    help: ArgumentHelp(
      "List these packages in any case; may be repeated.", valueName: "pattern"),
    transform: PackagePattern.parse)
  var keep: [PackagePattern] = []

  func validate() throws {
    for (name, count) in [("--keep-versions", keepVersions), ("--keep-builds", keepBuilds)] {
      if let count, count < 1 { throw ValidationError("\(name) takes a number from 1.") }
    }
    if let keepDays, !(0...36_500).contains(keepDays) {
      throw ValidationError("--keep-days takes days from 0 to 36500.")
    }
  }

  /// Changes what was asked for; packages to keep are added to those that are kept already.
  func apply(to options: inout IndexOptions) {
    if let keepVersions { options.retention.versions = keepVersions }
    if let keepBuilds { options.retention.builds = keepBuilds }
    if let keepDays { options.retention.days = keepDays }
    options.retention.kept += keep
  }
}

extension PackagePattern {
  /// Reads the value of an option or argument that names packages.
  static func parse(_ argument: String) throws -> PackagePattern {
    guard let pattern = PackagePattern(argument) else {
      throw ValidationError(
        "\"\(argument)\" names no packages: name-version-build or name=version, with * for any text;"
          + " all of a name are name=*.")
    }
    return pattern
  }
}
