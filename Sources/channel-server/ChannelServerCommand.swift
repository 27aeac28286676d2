import ArgumentParser
import ChannelSystem

/// The command itself: `channel-server DIR` serves, other verbs are named.
@main
struct ChannelServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel-server",
    abstract: "Serve conda channels over HTTP.",
    version: ProductVersion.line(of: "channel-server"),
    subcommands: [ServeCommand.self, CheckCommand.self, TokenCommand.self],
    defaultSubcommand: ServeCommand.self)
}
