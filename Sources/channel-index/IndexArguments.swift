internal import ArgumentParser
internal import ChannelCore
internal import SystemPackage

/// The options that every command has which publishes.
struct IndexArguments: ParsableArguments {
  @Option(help: ArgumentHelp("How many threads to use. (default: one a processor)", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("How long to wait for another indexer.", valueName: "seconds"))
  var lockTimeout: Double = 60

  @Option(
    help: ArgumentHelp(
      """
      Correct records by these instructions: a JSON file, a directory of \
      <subdir>/patch_instructions.json, or a package that holds such files.
      """, valueName: "path"))
  var patches: String?

  @OptionGroup(title: "Documents")
  var documents: DocumentArguments

  @Option(
    name: .customLong("check"),
    help: ArgumentHelp(
      "Set what follows from a check: refuse, warn or off; may be repeated.",
      valueName: "name=level"),
    transform: CheckOption.init)
  var checks: [CheckOption] = []

  @OptionGroup(title: "Retention")
  var retention: RetentionArguments

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1.") }
    guard lockTimeout.isFinite, lockTimeout >= 0 else {
      throw ValidationError("--lock-timeout takes seconds from 0.")
    }
  }

  /// The indexer of the channel in `directory` as the options want it.
  func indexer(for directory: String, _ console: Console) throws -> ChannelIndexer {
    var options = IndexOptions()
    if let threads { options.threads = threads }
    options.lockTimeout = lockTimeout
    options.patches = patches.map { FilePath($0) }
    options.documents = try documents.options()
    options.retention.versions = retention.keepVersions
    options.retention.builds = retention.keepBuilds
    options.retention.days = retention.keepDays
    options.retention.kept = retention.keep
    options.deletesExpired = retention.delete
    for check in checks { options.policy[check.check] = check.level }
    var indexer = ChannelIndexer(channel: FilePath(directory), options: options)
    indexer.progress = console.progress
    return indexer
  }
}
