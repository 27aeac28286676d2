internal import ArgumentParser
internal import ChannelCore
internal import SystemPackage

/// `channel-index DIR`: brings the index of a channel up to date.
struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Bring the index of a channel up to date (the default).",
    discussion: """
      Reads the packages that are new or changed and publishes what differs. A package that clients \
      could not use is left out and named with its reason; it never stops the run.

      The checks that a package must pass, with their levels unless --check sets another:
      \(CheckOption.listing)
      """)

  @Argument(help: "The channel's directory, which holds noarch, linux-64 and so on.")
  var directory: String

  @Option(
    name: .customLong("subdir"),
    help: ArgumentHelp("Index only this subdir; may be repeated.", valueName: "subdir"),
    transform: Platform.parse)
  var subdirs: [Platform] = []

  @Flag(help: "Say what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "Read every package again.")
  var force = false

  @Flag(help: "Read every package again, and name those that changed without a trace.")
  var verify = false

  @Option(
    help: ArgumentHelp("Write what was found and done to this file, as JSON.", valueName: "file"))
  var report: String?

  @Option(help: ArgumentHelp("How many threads to use. (default: one a processor)", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("How long to wait for another indexer.", valueName: "seconds"))
  var lockTimeout: Double = 60

  @OptionGroup(title: "Documents")
  var documents: DocumentArguments

  @Option(
    name: .customLong("check"),
    help: ArgumentHelp(
      "Set what follows from a check: refuse, warn or off; may be repeated.",
      valueName: "name=level"),
    transform: CheckOption.init)
  var checks: [CheckOption] = []

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1.") }
    guard lockTimeout.isFinite, lockTimeout >= 0 else {
      throw ValidationError("--lock-timeout takes seconds from 0.")
    }
  }

  func run() throws {
    var options = IndexOptions()
    if let threads { options.threads = threads }
    if !subdirs.isEmpty { options.subdirs = subdirs }
    if force || verify { options.rereads = .all }
    options.lockTimeout = lockTimeout
    options.documents = documents.options
    for check in checks { options.policy[check.check] = check.level }

    var indexer = ChannelIndexer(channel: FilePath(directory), options: options)
    let console = Console(output)
    indexer.progress = console.progress
    try ReportPrinter(console, reportFile: report, isRehearsal: dryRun).run {
      () throws(ChannelError) in
      dryRun ? try indexer.rehearse() : try indexer.run()
    }
  }
}
