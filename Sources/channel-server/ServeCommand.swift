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
      not wait for them.

      Sockets that systemd passes on are served, and systemd is told when the server is ready.
      """)

  @OptionGroup
  var arguments: ServerArguments

  func run() throws {
    // Before any thread starts, since threads inherit what is blocked.
    let signals = Signals()
    Self.raiseDescriptorLimit()
    let manager = ServiceManager()
    let (configuration, server): (ServerConfiguration, HTTPServer)
    let observer: HTTPServer?
    do {
      configuration = try arguments.configuration(inherited: ServiceManager.sockets)
      server = try HTTPServer(configuration)
      observer = try arguments.metrics.server(beside: configuration)
    } catch let error as ServerError {
      Console.say("error: \(error)")
      throw ExitCode.failure
    }
    for (mount, url) in zip(configuration.mounts, server.urls) {
      Console.say("serving \(mount.root) at \(url)")
    }
    for address in server.addresses.dropFirst() { Console.say("listening on \(address) as well") }
    if let observer { Console.say("metrics at \(observer.urls.first ?? "")-/metrics") }
    manager.tell("READY=1\nSTATUS=serving at \(server.url)")
    signals.wait()
    manager.tell("STOPPING=1")
    // Waits for a signal that need not come; the process ends without it.
    _ = try WorkerThread(named: "signals") {
      signals.wait()
      _exit(1)
    }
    server.stop()
    observer?.stop()
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
