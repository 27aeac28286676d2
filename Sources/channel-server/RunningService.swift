import CLinux
import ChannelHTTP
import ChannelSite
import Glibc
import Logging
import SystemPackage

/// The server of this process, and what becomes of it when it is told something.
struct RunningService {
  private let settings: ServerSettings
  private let inherited: [ListenAddress]
  /// What the server was started with, part of which holds until its end.
  private let start: ServerArguments
  private let server: HTTPServer
  /// What the server does.
  private var configuration: ServerConfiguration
  /// Tells the numbers at an address of their own, if they have one.
  private var observer: HTTPServer?
  private let manager = ServiceManager()

  /// Starts to serve.
  init(_ settings: ServerSettings, inherited: [ListenAddress]) throws {
    self.settings = settings
    self.inherited = inherited
    start = try settings.read()
    Observation.shared.downloads = try start.metrics.downloadCounts.map {
      try DownloadCounter(FilePath($0), logger: Logger(label: "channel-server"))
    }
    configuration = try start.configuration(inherited: inherited)
    // First, for its socket may need the privileges that the other gives up.
    observer = try start.metrics.configuration(beside: configuration).map(HTTPServer.init)
    server = try HTTPServer(configuration)
    PublishingService.shared.recover()
    // Only now: nothing that it makes should belong to a user whose privileges are given up.
    try Observation.shared.downloads?.start()
    keepIndexes(of: configuration, start)
    tellReady()
  }

  /// Reads the configuration again; when it is wrong all stays as it was.
  mutating func reload() {
    manager.tell("RELOADING=1\nMONOTONIC_USEC=\(Self.microseconds)")
    Observation.shared.downloads?.save()
    let shown = Observation.shared.channels
    do {
      let arguments = try settings.read()
      let next = try arguments.configuration(inherited: inherited)
      try follow(next, observing: arguments.metrics.configuration(beside: next))
      keepIndexes(of: next, arguments)
      let fixed = arguments.fixed.filter { start.fixed[$0.key] != $0.value }.keys.sorted()
      Console.say("the configuration was read again")
      for name in fixed { Console.say("\(name): takes effect when the server is restarted") }
      tellReady()
    } catch {
      Observation.shared.channels = shown
      let reason = ServerSettings.reason(for: error)
      Console.say("error: the old configuration stays: \(reason)")
      manager.tell("READY=1\nSTATUS=serving at \(server.url); the new configuration is wrong")
    }
  }

  /// Has the indexes kept of all that is served, or of nothing.
  private func keepIndexes(of configuration: ServerConfiguration, _ arguments: ServerArguments) {
    var roots: [FilePath] = []
    for mount in configuration.mounts where arguments.indexing.indexOnChange {
      if !roots.contains(FilePath(mount.root)) { roots.append(FilePath(mount.root)) }
    }
    let keeper = Observation.shared.keeper
    guard roots != keeper?.channels ?? [] else { return }
    // What is under way ends by itself, and keeps the others out until then.
    keeper?.stop(within: .zero)
    do {
      Observation.shared.keeper = roots.isEmpty ? nil : try ChannelKeeper(of: roots)
    } catch {
      Observation.shared.keeper = nil
      Console.say("error: the indexes are not kept up to date: \(error)")
    }
  }

  /// Has both servers do what they are told now, or neither.
  private mutating func follow(
    _ next: ServerConfiguration, observing: ServerConfiguration?
  ) throws {
    try server.reconfigure(next)
    do {
      switch (observer, observing) {
      case (let observer?, let observing?): try observer.reconfigure(observing)
      case (nil, let observing?): observer = try HTTPServer(observing)
      case (_, nil):
        observer?.stop()
        observer = nil
      }
    } catch {
      try server.reconfigure(configuration)
      throw error
    }
    configuration = next
  }

  /// Says what is served where.
  private func tellReady() {
    for (mount, url) in zip(configuration.mounts, server.urls) {
      Console.say("serving \(mount.root) at \(url)")
    }
    for address in server.addresses.dropFirst() { Console.say("listening on \(address) as well") }
    if let observer { Console.say("metrics at \(observer.url)-/metrics") }
    manager.tell("READY=1\nSTATUS=serving at \(server.url)")
    // Most of it has read options and will not run again before the next reload.
    clinux_unmap_code()
  }

  /// Goes on with the access log in a new file.
  func reopenLog() {
    do {
      try server.reopenAccessLog()
    } catch {
      Console.say("error: \(error)")
    }
  }

  /// Returns when all is over, or soon after the drain timeout.
  ///
  /// Threads may be at work then that nobody can hold up, so the process should end at once.
  func stop() {
    manager.tell("STOPPING=1")
    let timeout = configuration.limits.drainTimeout
    let deadline = ContinuousClock.now + timeout
    // What is all but done is not cut off because others took all the time.
    func rest() -> Duration { max(.seconds(1), deadline - .now) }
    server.stop(drainTimeout: timeout)
    observer?.stop(drainTimeout: rest())
    PublishingService.shared.stop(within: rest())
    Observation.shared.downloads?.stop()
    Observation.shared.keeper?.stop(within: rest())
  }

  private static var microseconds: Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
  }
}
