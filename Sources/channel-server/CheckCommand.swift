import ArgumentParser
import ChannelHTTP
import ChannelSite
import SystemPackage

/// `channel-server check`: whether the server could start, and what it would serve.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Say what would be served, and whether it could be.",
    discussion: """
      Takes the options and the configuration file of the server, which may run meanwhile: nothing \
      is listened on and nothing is written.

      Exit status: 0 all is well; 1 the configuration is wrong; 64 wrong usage.
      """)

  @OptionGroup
  var configuration: ConfigurationArguments

  @OptionGroup
  var arguments: ServerArguments

  func run() throws {
    let settings = ServerSettings(configuration.config, arguments, of: "check")
    let wanted: ServerConfiguration
    let observing: ServerConfiguration?
    let counts: String?
    do {
      let arguments = try settings.read()
      counts = arguments.metrics.downloadCounts
      wanted = try arguments.configuration(inherited: ServiceManager.sockets)
      observing = arguments.metrics.configuration(beside: wanted)
    } catch {
      if error is ValidationError { throw error }
      Console.say("error: \(error)")
      throw ExitCode.failure
    }
    for mount in wanted.mounts { print("serves \(mount.root) at \(mount.path)") }
    for address in wanted.listeners { print("listens on \(address)") }
    for address in observing?.listeners ?? [] { print("shows metrics at \(address)") }
    var problems: [any Error] = wanted.problems + (observing?.problems ?? [])
    do throws(SiteError) {
      if let counts { try DownloadCounter.check(FilePath(counts)) }
    } catch {
      problems.append(error)
    }
    for problem in problems { Console.say("error: \(problem)") }
    if !problems.isEmpty { throw ExitCode.failure }
  }
}
