internal import ChannelSystem
internal import Glibc
internal import Logging
internal import Synchronization
internal import SystemPackage

/// A static HTTP/1.1 server for a folder, or for several.
///
/// It serves from the moment it exists until `stop()` or the end of its life. Any number of them
/// can run in one process.
///
///     let server = try HTTPServer(root: "/srv/channel")
///     print("http://localhost:\(server.port)/")
///     server.stop()
public final class HTTPServer: Sendable {
  private let control = ServerControl()
  private let wakeups: [Wakeup]
  private let mailboxes: [Mailbox]
  private let pool: WorkerPool
  private let metrics: (all: ServerMetrics, loops: [LoopMetrics])?
  private let state: Mutex<State>

  private struct State {
    var arrangement: Arrangement
    /// Empty when all is over.
    var loops: [RunningThread] = []
    /// Logs from before the configuration changed, which somebody may still write to disk.
    var oldLogs: [RunningLog] = []
  }

  /// Serves `root` on a free port, at `/`.
  ///
  /// - Throws: `ServerError` when the folder cannot be opened or no port can be had.
  public convenience init(root: String) throws(ServerError) {
    var configuration = ServerConfiguration(root: root)
    configuration.listeners = [.tcp(host: nil, port: 0)]
    try self.init(configuration)
  }

  /// Serves as configured.
  ///
  /// - Throws: `ServerError` when the configuration cannot be put into practice.
  public init(_ configuration: ServerConfiguration) throws(ServerError) {
    try configuration.checkNumbers()
    let threadCount = configuration.threads ?? Processors.available
    let arrangement = try Arrangement(configuration, loops: threadCount)
    var state = State(arrangement: arrangement)
    state.arrangement.services = []
    do throws(Errno) {
      pool = try WorkerPool(threads: configuration.workers, capacity: configuration.limits.work)
      wakeups = try (0..<threadCount).map { (_) throws(Errno) in try Wakeup() }
      mailboxes = wakeups.map(Mailbox.init)
    } catch {
      arrangement.log?.end()
      throw ServerError(.system, "worker threads", "\(error)")
    }
    metrics = configuration.metrics.map { all in
      (all, (0..<threadCount).map { _ in all.makeLoop() })
    }
    metrics?.all.watch(arrangement.log?.writer, insteadOf: nil)
    do throws(Errno) {
      for (loop, service) in arrangement.services.enumerated() {
        let parts = EventLoop.Parts(
          epoll: try Epoll(), wakeup: wakeups[loop],
          others: wakeups.enumerated().filter { $0.offset != loop }.map(\.element),
          control: control, mailbox: mailboxes[loop], pool: pool,
          metrics: metrics?.loops[loop], service: service)
        state.loops.append(
          try RunningThread(named: "http-\(loop)", owning: parts) { parts in
            var loop = EventLoop(parts)
            loop.run()
          })
      }
    } catch {
      control.stop(drainMilliseconds: 0)
      for wakeup in wakeups { wakeup.wake() }
      for thread in state.loops { thread.join() }
      pool.close(within: .zero)
      arrangement.log?.end()
      metrics?.all.retire(metrics?.loops ?? [])
      metrics?.all.watch(nil, insteadOf: arrangement.log?.writer)
      throw ServerError(.system, "event loop", "\(error)")
    }
    self.state = Mutex(state)
  }

  deinit {
    stop(drainTimeout: .zero)
  }

  /// Where the server takes connections, with the ports that it has come to.
  public var addresses: [ListenAddress] { state.withLock(\.arrangement.addresses) }

  /// The URLs of the mounts at the first of the addresses, as a client on the same machine writes
  /// them.
  public var urls: [String] { state.withLock(\.arrangement.urls) }

  /// The TCP port of the first address that has one; 0 when none has.
  public var port: UInt16 {
    for case .tcp(_, let port) in addresses { return port }
    return 0
  }

  /// The URL of the first mount at the first of the addresses.
  public var url: String { urls.first ?? "" }

  /// Serves as another configuration says, from the next request on.
  ///
  /// Connections stay open, and what is being sent is sent to its end. Sockets that both
  /// configurations listen on are never closed. `threads`, `workers`, `limits.work`, `metrics` and
  /// `afterBinding` are those of the start as long as the server lives.
  ///
  /// - Throws: `ServerError` when the configuration cannot be put into practice; all is as it was
  ///   then.
  public func reconfigure(_ configuration: ServerConfiguration) throws(ServerError) {
    try state.withLock { (state) throws(ServerError) in
      guard !state.loops.isEmpty else {
        throw ServerError(.configuration, "server", "has been stopped")
      }
      let taken: Countdown
      do throws(Errno) {
        taken = try Countdown(state.loops.count)
      } catch {
        throw ServerError(.system, "eventfd", "\(error)")
      }
      var next = try Arrangement(
        configuration, loops: state.loops.count, after: state.arrangement)
      for (mailbox, service) in zip(mailboxes, next.services)
      where !mailbox.post(.service(service, taken)) {
        taken.down()
      }
      next.services = []
      taken.wait()
      state.oldLogs.removeAll { log in
        guard log.isOver else { return false }
        log.end()
        return true
      }
      if let log = state.arrangement.log, log !== next.log {
        // Its last lines may have to wait for a disk or a pipe, and nobody should wait with them.
        log.writer.close()
        state.oldLogs.append(log)
      }
      metrics?.all.watch(next.log?.writer, insteadOf: state.arrangement.log?.writer)
      state.arrangement = next
    }
  }

  /// Goes on with the access log in a new file under its name, as whoever has moved the old one away
  /// wants it.
  ///
  /// - Throws: `ServerError` when the file cannot be opened; the old one is written to then.
  public func reopenAccessLog() throws(ServerError) {
    try state.withLock { (state) throws(ServerError) in
      try state.arrangement.log?.writer.reopen()
    }
  }

  /// Stops taking connections, lets the responses under way finish, and returns when all is over or
  /// the time is up.
  ///
  /// What cannot end in time is cut off: connections are closed, and work that waits for a thread is
  /// not begun. Only a responder or another extension that is at work in the pool goes on until it
  /// returns, on a thread that nobody waits for any more, and nobody gets its answer. Extensions that
  /// are asked on the event loops are waited for as long as they take.
  ///
  /// - Parameter drainTimeout: How long responses may take; that of the configuration when nil. When
  ///   it is over, work in the pool and the last lines of the access log have a second each.
  public func stop(drainTimeout: Duration? = nil) {
    state.withLock { state in
      let drainTimeout = drainTimeout ?? state.arrangement.drainTimeout
      let deadline = ContinuousClock.now + drainTimeout
      control.stop(drainMilliseconds: drainTimeout.milliseconds)
      // The loops have the last references to the sockets from here on.
      state.arrangement.listening = []
      for wakeup in wakeups { wakeup.wake() }
      for thread in state.loops { thread.join() }
      state.loops = []
      pool.close(within: max(.seconds(1), deadline - .now))
      for log in state.oldLogs + [state.arrangement.log] {
        log?.end(within: max(.seconds(1), deadline - .now))
      }
      metrics?.all.retire(metrics?.loops ?? [])
      metrics?.all.watch(nil, insteadOf: state.arrangement.log?.writer)
    }
  }
}
