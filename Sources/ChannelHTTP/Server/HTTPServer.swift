internal import ChannelSystem
internal import Glibc
internal import Logging
internal import Synchronization
internal import SystemPackage

/// A static HTTP/1.1 server for one folder.
///
/// It serves from the moment it exists until `stop()` or the end of its life. Any number of them
/// can run in one process.
///
///     let server = try HTTPServer(root: "/srv/channel")
///     print("http://localhost:\(server.port)/")
///     server.stop()
public final class HTTPServer: Sendable {
  /// The TCP port that the server listens on.
  public let port: UInt16
  /// The address of the served folder, as a client on the same machine writes it.
  public let url: String

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
    configuration.port = 0
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
    var options = try configuration.fileOptions()
    var limits = configuration.limits
    // What connections leave of the descriptors is for files, logs and the process around us.
    let descriptors = Self.descriptorLimit
    limits.connections = max(1, min(limits.connections, descriptors / 4 * 3))
    options.openFiles = max(8, min(options.openFiles, descriptors / 8 / threadCount))
    let listeners = try Self.listen(configuration, loops: threadCount)
    let log = try configuration.accessLog.makeWriter()
    guard let port = listeners.first?.first?.port else {
      throw ServerError(.address, configuration.host ?? "", "names no address")
    }
    self.port = port
    self.log = log
    drainTimeout = configuration.limits.drainTimeout
    let mount = options.mount.isEmpty ? "/" : "/\(String(decoding: options.mount, as: UTF8.self))/"
    url = "http://\(Self.urlHost(configuration.host)):\(port)\(mount)"

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
      for _ in listeners { wakeups.append(try Wakeup()) }
      for (group, wakeup) in zip(listeners, wakeups) {
        let root = try Self.open(configuration.root)
        let parts = EventLoop.Parts(
          epoll: try Epoll(), listeners: group, wakeup: wakeup,
          others: wakeups.filter { $0 !== wakeup }, control: control,
          limits: limits, root: root, options: options, pool: pool,
          extensions: EventLoop.Extensions(configuration), log: log,
          logFormat: configuration.accessLogFormat, logger: configuration.logger)
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

  /// One group of sockets a loop, all on the same port.
  private static func listen(
    _ configuration: ServerConfiguration, loops: Int
  ) throws(ServerError) -> [[Listener]] {
    var port = configuration.port
    var groups = [[Listener]](repeating: [], count: loops)
    var failure: Errno?
    for address in try Listener.Address.resolve(configuration.host, port: port) {
      do throws(Errno) {
        for loop in 0..<loops {
          let listener = try Listener(address.with(port: port), isFirst: loop == 0)
          port = listener.port
          groups[loop].append(listener)
        }
      } catch {
        // A machine without IPv6 still has its IPv4 addresses.
        guard error == .addressFamilyNotSupported || error == .addressNotAvailable else {
          throw ServerError(.address, name(of: configuration, port), "\(error)")
        }
        failure = error
        continue
      }
      // One socket takes both families.
      if address.isAnyIPv6 { break }
    }
    if groups[0].isEmpty, let failure {
      throw ServerError(.address, name(of: configuration, port), "\(failure)")
    }
    return groups
  }

  private static func name(of configuration: ServerConfiguration, _ port: UInt16) -> String {
    "\(urlHost(configuration.host ?? "*")):\(port)"
  }

  private static func open(_ root: String) throws(ServerError) -> PathResolver {
    do throws(Errno) {
      return try PathResolver(root: FilePath(root))
    } catch {
      throw ServerError(.path, root, "\(error)")
    }
  }

  private static func urlHost(_ host: String?) -> String {
    guard let host, host != "0.0.0.0", host != "::" else { return "localhost" }
    return host.contains(":") ? "[\(host)]" : host
  }
}

extension ServerConfiguration {
  /// What of the configuration concerns the files.
  fileprivate func fileOptions() throws(ServerError) -> StaticFiles.Options {
    var options = StaticFiles.Options()
    let components = mount.utf8.split(separator: ASCII.slash).map(Array.init)
    for component in components where component.first == ASCII.dot || component.contains(0) {
      throw ServerError(.configuration, "mount \(mount)", "no part of it may start with a dot")
    }
    options.mount = Array(components.joined(separator: [ASCII.slash]))
    options.cachePolicy = cachePolicy
    options.showsListings = showsListings
    options.decorator = listingDecorator
    options.asides = listingAsides
    options.indexFile = indexFile.map { Array($0.utf8) }
    return options
  }
}
