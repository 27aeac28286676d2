internal import ArgumentParser
internal import ChannelCore
internal import SystemPackage

/// `channel-index DIR`: brings the index of a channel up to date.
struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Bring the index of a channel up to date (the default).")

  @Argument(help: "The channel's directory, which holds noarch, linux-64 and so on.")
  var directory: String

  @Option(
    name: .customLong("subdir"),
    help: ArgumentHelp("Index only this subdir; may be repeated.", valueName: "subdir"),
    transform: Platform.parse)
  var subdirs: [Platform] = []

  @Option(help: "How many threads read packages. (default: one a processor)")
  var threads: Int?

  @Option(help: ArgumentHelp("How long to wait for another indexer.", valueName: "seconds"))
  var lockTimeout: Double = 60

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1.") }
    if lockTimeout < 0 { throw ValidationError("--lock-timeout takes seconds from 0.") }
  }

  func run() throws {
    var options = ChannelIndexer.Options()
    if let threads { options.threads = threads }
    if !subdirs.isEmpty { options.subdirs = subdirs }
    options.lockTimeout = lockTimeout
    let indexer = ChannelIndexer(channel: FilePath(directory), options: options)
    try ReportPrinter.run { () throws(ChannelError) in try indexer.run() }
  }
}
