import ArgumentParser
import ChannelHTTP
import ChannelSystem
import Glibc
import SystemPackage

@main
struct ChannelServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel-server",
    abstract: "Serve a conda channel over HTTP.",
    discussion: """
      Answers /-/health with 200 while it runs, and /-/ready with 200 while the folders are there.

      Stops on SIGTERM and SIGINT once the responses under way are finished; a second signal does \
      not wait for them.
      """)

  @OptionGroup
  var mounts: MountArguments

  @OptionGroup
  var listeners: ListenArguments

  @Option(help: "The number of event loops. (default: one a core)")
  var threads: Int?

  @Option(help: "A file for the access log, '-' for standard output, or 'off'.")
  var accessLog = "-"

  @Option(
    help: "How a request is noted: common, combined or json. (default: combined)",
    transform: Self.accessLogFormat)
  var accessLogFormat = AccessLogFormat.combined

  @Option(help: "Open connections; beyond them the one idle longest makes room.")
  var maxConnections = ServerLimits().connections

  @Option(help: "Seconds that responses under way are given when the server stops.")
  var drainTimeout = 30

  func run() throws {
    // Before any thread starts, since threads inherit what is blocked.
    let signals = Signals()
    Self.raiseDescriptorLimit()
    let server: HTTPServer
    let configuration = serverConfiguration()
    do {
      server = try HTTPServer(configuration)
    } catch {
      Self.say("error: \(error)")
      throw ExitCode.failure
    }
    for (mount, url) in zip(configuration.mounts, server.urls) {
      Self.say("serving \(mount.root) at \(url)")
    }
    for address in server.addresses.dropFirst() { Self.say("listening on \(address) as well") }
    signals.wait()
    // Waits for a signal that need not come; the process ends without it.
    _ = try WorkerThread(named: "signals") {
      signals.wait()
      _exit(1)
    }
    server.stop()
  }

  private static func accessLogFormat(_ name: String) throws -> AccessLogFormat {
    guard let format = AccessLogFormat(rawValue: name) else {
      throw ValidationError("must be common, combined or json")
    }
    return format
  }

  private func serverConfiguration() -> ServerConfiguration {
    var configuration = ServerConfiguration(mounts: mounts.all)
    configuration.listeners = listeners.addresses
    configuration.threads = threads
    configuration.accessLogFormat = accessLogFormat
    configuration.accessLog =
      switch accessLog {
      case "-": .standardOutput
      case "off": .off
      default: .file(accessLog)
      }
    configuration.responders = HealthChecks.responders(
      roots: configuration.mounts.map { FilePath($0.root) })
    configuration.limits.connections = maxConnections
    configuration.limits.drainTimeout = .seconds(drainTimeout)
    return configuration
  }

  /// The usual limit is made for programs that can do with select.
  private static func raiseDescriptorLimit() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
  }

  private static func say(_ line: String) {
    _ = try? FileDescriptor.standardError.writeAll("channel-server: \(line)\n".utf8)
  }
}

/// The signals that end the process in order, taken out of the way of every thread.
private struct Signals: Sendable {
  private let set: sigset_t

  init() {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    // A terminal that goes away, and the habit of other servers to take these for orders, must not
    // end this one.
    signal(SIGHUP, SIG_IGN)
    signal(SIGUSR1, SIG_IGN)
    self.set = set
  }

  /// Returns when one of them arrives.
  func wait() {
    var set = set
    var number: CInt = 0
    while sigwait(&set, &number) != 0 {}
  }
}
