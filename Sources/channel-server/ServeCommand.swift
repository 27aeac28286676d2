import ArgumentParser
import ChannelHTTP
import ChannelSystem
import Glibc

/// `channel-server DIR`: serves until it is told to stop.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve folders over HTTP (the default).",
    discussion: """
      Answers /-/health with 200 while it runs, /-/ready with 200 while the folders are there, and \
      /-/metrics with numbers for Prometheus.

      Stops on SIGTERM and SIGINT once the responses under way are finished; a second signal does \
      not wait for them. Reads its configuration again on SIGHUP, and goes on in a new access log \
      on SIGUSR1, without dropping a connection.

      Sockets that systemd passes on are served, and systemd is told when the server is ready.
      """)

  @OptionGroup
  var configuration: ConfigurationArguments

  @OptionGroup
  var arguments: ServerArguments

  func run() throws {
    // Before any thread starts, since threads inherit what is blocked.
    let signals = Signals()
    Self.raiseDescriptorLimit()
    let settings = ServerSettings(configuration.config, arguments, of: "serve")
    let inherited = ServiceManager.sockets
    var service: RunningService
    do {
      service = try RunningService(settings, inherited: inherited)
    } catch {
      // Wrong usage is for the parser to explain.
      if error is ValidationError { throw error }
      Console.say("error: \(error)")
      throw ExitCode.failure
    }
    serving: while true {
      switch signals.next() {
      case SIGHUP: service.reload()
      case SIGUSR1: service.reopenLog()
      default: break serving
      }
    }
    // Waits for a signal that need not come; the process ends without it.
    _ = try WorkerThread(named: "signals") {
      while ![SIGTERM, SIGINT].contains(signals.next()) {}
      _exit(1)
    }
    service.stop()
    // What is left is at work on its own threads, and should not see the libraries that it uses put
    // themselves away.
    _exit(EXIT_SUCCESS)
  }

  /// The usual limit is made for programs that can do with select.
  private static func raiseDescriptorLimit() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
  }
}
