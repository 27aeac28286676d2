internal import ArgumentParser
internal import ChannelCore
internal import Glibc
internal import SystemPackage

/// Which packages a command is about.
struct PatternArguments: ParsableArguments {
  @Argument(help: "The channel's directory.", completion: .directory)
  var directory: String

  @Argument(
    help: ArgumentHelp(
      "Packages: name-version-build or name=version, with * for any text; a subdir may stand in "
        + "front, as in noarch/hello=1.*.", valueName: "package"),
    transform: PackagePattern.parse)
  var patterns: [PackagePattern]
}

/// `channel-index remove DIR PACKAGE…`: deletes packages.
struct RemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take packages out of the index and delete them.",
    discussion: "A file is deleted only after the index that lists it no more was published.")

  @OptionGroup
  var packages: PatternArguments

  @Flag(help: "Name the packages, and change nothing.")
  var dryRun = false

  @OptionGroup
  var settings: IndexArguments

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func run() throws {
    let console = Console(output)
    let indexer = try settings.indexer(for: packages.directory, console)
    try WithdrawalPrinter(console).run(dryRun ? "would be removed" : "removed") {
      () throws(ChannelError) in
      try dryRun
        ? WithdrawalReport(packages: indexer.packages(matching: packages.patterns))
        : indexer.remove(packages.patterns)
    }
  }
}

/// `channel-index yank DIR PACKAGE…`: takes packages out of the index and keeps them.
struct YankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "yank",
    abstract: "Take packages out of the index, and leave them where they are.",
    discussion: """
      Nobody is offered the packages any more; who has pinned one can still download it. The reason \
      is kept in the channel and published in its yanked.json.
      """)

  @OptionGroup
  var packages: PatternArguments

  @Option(help: "Why, in a few words for those who look for the packages.")
  var reason: String

  @Flag(help: "Name the packages, and change nothing.")
  var dryRun = false

  @OptionGroup
  var settings: IndexArguments

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func run() throws {
    let console = Console(output)
    let indexer = try settings.indexer(for: packages.directory, console)
    try WithdrawalPrinter(console).run(dryRun ? "would be yanked" : "yanked") {
      () throws(ChannelError) in
      try dryRun
        ? WithdrawalReport(packages: indexer.packages(matching: packages.patterns))
        : indexer.yank(packages.patterns, reason: reason)
    }
  }
}

/// `channel-index unyank DIR PACKAGE…`: lists yanked packages again.
struct UnyankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unyank", abstract: "List yanked packages again.")

  @OptionGroup
  var packages: PatternArguments

  @OptionGroup
  var settings: IndexArguments

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func run() throws {
    let console = Console(output)
    let indexer = try settings.indexer(for: packages.directory, console)
    try WithdrawalPrinter(console).run("listed again") { () throws(ChannelError) in
      try indexer.unyank(packages.patterns)
    }
  }
}

/// Says which packages a command was about, and what became of them.
private struct WithdrawalPrinter {
  private let console: Console

  init(_ console: Console) {
    self.console = console
  }

  func run(_ word: String, _ body: () throws(ChannelError) -> WithdrawalReport) throws {
    signal(SIGPIPE, SIG_IGN)
    let report: WithdrawalReport
    do throws(ChannelError) {
      report = try body()
    } catch {
      console.complain("error", "\(error)", .bad)
      throw ExitCode(1)
    }
    if !console.isQuiet {
      for package in report.packages { console.result("\(package): \(word)") }
    }
    try ReportPrinter(console).finish(report.index, namingQuarantined: false)
  }
}
