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
  /// Where the server takes connections, with the ports that it has come to.
  public let addresses: [ListenAddress]
  /// The URLs of the mounts at the first of the addresses, as a client on the same machine writes
  /// them.
  public let urls: [String]

  private let control = ServerControl()
  private let wakeups: [Wakeup]
  private let drainTimeout: Duration
  private let log: LogWriter?
  private let threads: Mutex<[RunningThread]>
  private let logThread: RunningThread?
  private let pool: WorkerPool

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
    let threadCount = configuration.threads ?? Self.coreCount
    guard (1...512).contains(threadCount) else {
      throw ServerError(.configuration, "threads", "must be 1 to 512, not \(threadCount)")
    }
    guard (1...512).contains(configuration.workers) else {
      throw ServerError(.configuration, "workers", "must be 1 to 512, not \(configuration.workers)")
    }
    var limits = configuration.limits
    // What connections leave of the descriptors is for files, logs and the process around us.
    let descriptors = Self.descriptorLimit
    limits.connections = max(1, min(limits.connections, descriptors / 4 * 3))
    let openFiles = max(8, min(512, descriptors / 8 / threadCount))
    let listening = try Self.listen(configuration.listeners, loops: threadCount)
    try configuration.afterBinding?()
    let log = try configuration.accessLog.makeWriter()
    self.log = log
    drainTimeout = limits.drainTimeout
    addresses = listening.map(\.actual)
    let origin = addresses.first?.origin ?? ""
    urls = try configuration.mounts.map { (mount) throws(ServerError) in
      origin + (try mount.url)
    }

    var wakeups: [Wakeup] = []
    var threads: [RunningThread] = []
    var logThread: RunningThread?
    let pool: WorkerPool
    do {
      pool = try WorkerPool(threads: configuration.workers, capacity: configuration.limits.work)
      self.pool = pool
    } catch {
      throw ServerError(.system, "worker threads", "\(error)")
    }
    do {
      if let log { logThread = try RunningThread(named: "http-log") { log.run() } }
      for _ in 0..<threadCount { wakeups.append(try Wakeup()) }
      for (loop, wakeup) in wakeups.enumerated() {
        let service = try Service(
          configuration, listeners: listening.flatMap { $0.sockets[loop] }, limits: limits,
          openFiles: openFiles, log: log)
        let parts = EventLoop.Parts(
          epoll: try Epoll(), wakeup: wakeup, others: wakeups.filter { $0 !== wakeup },
          control: control, pool: pool, service: service)
        threads.append(
          try RunningThread(named: "http-\(threads.count)", owning: parts) { parts in
            var loop = EventLoop(parts)
            loop.run()
          })
      }
    } catch {
      control.stop(drainMilliseconds: 0)
      for wakeup in wakeups { wakeup.wake() }
      for thread in threads { thread.join() }
      pool.close()
      log?.close()
      logThread?.join()
      throw error as? ServerError ?? ServerError(.system, "event loop", "\(error)")
    }
    self.wakeups = wakeups
    self.threads = Mutex(threads)
    self.logThread = logThread
  }

  /// The TCP port of the first address that has one; 0 when none has.
  public var port: UInt16 {
    for case .tcp(_, let port) in addresses { return port }
    return 0
  }

  /// The URL of the first mount at the first of the addresses.
  public var url: String { urls.first ?? "" }

  deinit {
    stop(drainTimeout: .zero)
  }

  /// Stops taking connections, lets the responses under way finish, and returns when all is over.
  ///
  /// - Parameter drainTimeout: How long responses may take; that of the configuration when nil.
  public func stop(drainTimeout: Duration? = nil) {
    control.stop(drainMilliseconds: (drainTimeout ?? self.drainTimeout).milliseconds)
    for wakeup in wakeups { wakeup.wake() }
    threads.withLock { threads in
      for thread in threads { thread.join() }
      threads = []
    }
    pool.close()
    log?.close()
    logThread?.join()
  }
}

// How a server is put together.
extension HTTPServer {
  /// The cores that this process may use.
  private static var coreCount: Int {
    max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
  }

  /// The descriptors that this process may have.
  private static var descriptorLimit: Int {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
      ? Int(clamping: limit.rlim_cur) : 1024
  }

  /// Listens wherever it is wanted.
  private static func listen(
    _ addresses: [ListenAddress], loops: Int
  ) throws(ServerError) -> [Listening] {
    guard !addresses.isEmpty else {
      throw ServerError(.configuration, "listeners", "there is no address to listen on")
    }
    return try addresses.map { (address) throws(ServerError) in
      try Listening(on: address, loops: loops)
    }
  }
}
