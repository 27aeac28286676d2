import ChannelHTTP
import Glibc

/// The server of this process, and what becomes of it when it is told something.
struct RunningService {
  private let settings: ServerSettings
  private let inherited: [ListenAddress]
  /// What the server was started with, part of which holds until its end.
  private let start: ServerArguments
  private let server: HTTPServer
  /// Tells the numbers at an address of their own, if they have one.
  private let observer: HTTPServer?
  private let manager = ServiceManager()

  /// Starts to serve.
  init(_ settings: ServerSettings, inherited: [ListenAddress]) throws {
    self.settings = settings
    self.inherited = inherited
    start = try settings.read()
    let configuration = try start.configuration(inherited: inherited)
    server = try HTTPServer(configuration)
    observer = try start.metrics.server(beside: configuration)
    tellReady(configuration)
    if let observer { Console.say("metrics at \(observer.urls.first ?? "")-/metrics") }
  }

  /// Reads the configuration again; when it is wrong all stays as it was.
  func reload() {
    manager.tell("RELOADING=1\nMONOTONIC_USEC=\(Self.microseconds)")
    do {
      let arguments = try settings.read()
      let configuration = try arguments.configuration(inherited: inherited)
      try server.reconfigure(configuration)
      let fixed = arguments.fixed.filter { start.fixed[$0.key] != $0.value }.keys.sorted()
      Console.say("the configuration was read again")
      for name in fixed { Console.say("\(name): takes effect when the server is restarted") }
      tellReady(configuration)
    } catch {
      let reason = ServerSettings.reason(for: error)
      Console.say("error: the old configuration stays: \(reason)")
      manager.tell("READY=1\nSTATUS=serving at \(server.url); the new configuration is wrong")
    }
  }

  /// Says what is served where.
  private func tellReady(_ configuration: ServerConfiguration) {
    for (mount, url) in zip(configuration.mounts, server.urls) {
      Console.say("serving \(mount.root) at \(url)")
    }
    for address in server.addresses.dropFirst() { Console.say("listening on \(address) as well") }
    manager.tell("READY=1\nSTATUS=serving at \(server.url)")
  }

  /// Goes on with the access log in a new file.
  func reopenLog() {
    do {
      try server.reopenAccessLog()
    } catch {
      Console.say("error: \(error)")
    }
  }

  /// Returns when all is over.
  func stop() {
    manager.tell("STOPPING=1")
    server.stop()
    observer?.stop()
  }

  private static var microseconds: Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
  }
}
