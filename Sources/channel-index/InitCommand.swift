internal import ArgumentParser
internal import ChannelCore
internal import SystemPackage

/// `channel-index init DIR`: lays out a channel.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Lay out a channel: a subdir a platform, each with an index.",
    discussion: """
      What is already there stays as it is. noarch is always made: without it clients do not \
      accept a channel.
      """)

  @Argument(help: "The channel's directory; made when it does not exist.")
  var directory: String

  @Option(
    name: .customLong("subdir"),
    help: ArgumentHelp(
      "Lay out this subdir; may be repeated. "
        + "(default: \(Platform.usual.map(\.name).joined(separator: ", ")))",
      valueName: "subdir"),
    transform: Platform.parse)
  var subdirs: [Platform] = []

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func run() throws {
    let console = Console(output)
    // A channel that has its configuration already is laid out as that wants it.
    let indexer = try IndexArguments.configuredIndexer(for: directory, console)
    let subdirs = subdirs.isEmpty ? Platform.usual : subdirs
    try ReportPrinter(console).run { () throws(ChannelError) in try indexer.layOut(subdirs)
    }
  }
}
