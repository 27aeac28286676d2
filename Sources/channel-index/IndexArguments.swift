internal import ArgumentParser
internal import ChannelCore
internal import SystemPackage

/// The options that every command has which publishes.
struct IndexArguments: ParsableArguments {
  @OptionGroup
  var work: WorkArguments

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

  /// The indexer of the channel in `directory` as its own configuration and, before that, the options
  /// want it.
  func indexer(for directory: String, _ console: Console) throws -> ChannelIndexer {
    var indexer = try Self.configuredIndexer(for: directory, console)
    try apply(to: &indexer.options)
    indexer.progress = console.progress
    return indexer
  }

  /// Changes what was asked for; files that are named are read.
  func apply(to options: inout IndexOptions) throws {
    if let threads = work.threads { options.threads = threads }
    if let timeout = work.lockTimeout { options.lockTimeout = timeout }
    if let patches { options.patches = FilePath(patches) }
    options.sources += [documents.pins, documents.notices].compactMap { $0.map { FilePath($0) } }
    try documents.apply(to: &options.documents)
    retention.apply(to: &options)
    for check in checks { options.policy[check.check] = check.level }
  }

  /// The indexer of the channel in `directory` as its own configuration wants it.
  static func configuredIndexer(
    for directory: String, _ console: Console
  ) throws -> ChannelIndexer {
    do throws(ChannelError) {
      let layout = ChannelLayout(root: FilePath(directory))
      return ChannelIndexer(
        channel: layout.root, options: try ChannelConfiguration.options(of: layout))
    } catch {
      console.complain("error", "\(error)", .bad)
      throw ExitCode(1)
    }
  }
}
