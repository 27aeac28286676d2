internal import ArgumentParser
internal import ChannelSystem

/// The command itself: `channel-index DIR` indexes, other verbs are named.
@main
struct ChannelIndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel-index",
    abstract: "Turn a folder of conda packages into a channel.",
    discussion: """
      Copy packages into the subdirs of a channel (noarch, linux-64, …), run channel-index, and \
      conda, mamba and pixi can install from it through any web server.

      Exit status: 0 all is well; 3 done, but some packages were left out or refused; 1 something \
      could not be done; 64 wrong usage.
      """,
    version: ProductVersion.line(of: "channel-index"),
    subcommands: [
      IndexCommand.self, InitCommand.self, AddCommand.self, RemoveCommand.self,
      YankCommand.self, UnyankCommand.self, VerifyCommand.self, DiffCommand.self, StatsCommand.self,
    ],
    defaultSubcommand: IndexCommand.self)

  static func main() {
    StandardStreams.reserve()
    main(nil)
  }
}
