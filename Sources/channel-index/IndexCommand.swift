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

  @Flag(
    help: "Delete the packages that give way by the rules of retention, but none that is yanked.")
  var delete = false

  @Flag(
    help: """
      Publish a subdir without packages although it held some and its documents are gone, too: \
      otherwise that counts for a file system that is not mounted.
      """)
  var allowEmpty = false

  @Flag(help: "Read every package again.")
  var force = false

  @Flag(help: "Read every package again, and name those that changed without a trace.")
  var verify = false

  @Flag(help: "Go on, and index every change soon after it was made, until told to stop.")
  var watch = false

  @Option(
    help: ArgumentHelp("Write what was found and done to this file, as JSON.", valueName: "file"))
  var report: String?

  @OptionGroup
  var settings: IndexArguments

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func validate() throws {
    if watch, dryRun || force || verify {
      throw ValidationError("--watch excludes --dry-run, --force and --verify.")
    }
  }

  func run() throws {
    // Before any thread starts, since threads inherit what is blocked.
    let stop = watch ? try StopSignals() : nil
    let console = Console(output)
    var indexer = try settings.indexer(for: directory, console)
    apply(to: &indexer.options)
    if let stop {
      let layout = indexer.layout
      try ChannelWatcher(console, reportFile: report).run(indexer, until: stop.descriptor) {
        () throws(ChannelError) in try options(of: layout)
      }
      return
    }
    try ReportPrinter(console, reportFile: report, isRehearsal: dryRun).run {
      () throws(ChannelError) in
      dryRun ? try indexer.rehearse() : try indexer.run()
    }
  }

  private func apply(to options: inout IndexOptions) {
    if !subdirs.isEmpty { options.subdirs = subdirs }
    options.deletesExpired = delete
    options.allowsEmpty = allowEmpty
    if force || verify { options.rereads = .all }
  }

  /// The options as the channel's configuration and, before that, the command line want them now.
  private func options(of layout: ChannelLayout) throws(ChannelError) -> IndexOptions {
    var options = try ChannelConfiguration.options(of: layout)
    do {
      try settings.apply(to: &options)
    } catch {
      throw ChannelError(layout.root, "\(error)")
    }
    apply(to: &options)
    return options
  }
}
