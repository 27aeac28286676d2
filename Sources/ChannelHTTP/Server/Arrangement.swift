internal import Glibc
internal import SystemPackage

/// What a configuration comes to: sockets bound, folders open, a log begun.
struct Arrangement: Sendable {
  /// Emptied for the sockets to be closed.
  var listening: [Listening]
  let addresses: [ListenAddress]
  let urls: [String]
  let drainTimeout: Duration
  let log: RunningLog?
  /// What each loop does; emptied once they do it.
  var services: [Service] = []

  /// Makes all ready for so many loops.
  ///
  /// What the one before has already is kept, sockets above all. When anything cannot be had, all is
  /// as it was.
  init(
    _ configuration: ServerConfiguration, loops: Int, after previous: Arrangement? = nil
  ) throws(ServerError) {
    listening = try Self.listen(
      configuration.listeners, loops: loops, beside: previous?.listening ?? [])
    if previous == nil { try configuration.afterBinding?() }
    var limits = configuration.limits
    // What connections leave of the descriptors is for files, logs and the process around us.
    let descriptors = Self.descriptorLimit
    limits.connections = max(1, min(limits.connections, descriptors / 4 * 3))
    let openFiles = max(8, min(512, descriptors / 8 / loops))
    drainTimeout = limits.drainTimeout
    addresses = listening.map(\.actual)
    let origin = addresses.first?.origin ?? ""
    urls = try configuration.mounts.map { (mount) throws(ServerError) in origin + (try mount.url) }
    var folders: [[MountedFolder.Parts]] = []
    for _ in 0..<loops { folders.append(try configuration.folders()) }
    // The last thing that can fail, so that no thread is left when something does.
    log =
      if let known = previous?.log, known.goes(to: configuration.accessLog) {
        known
      } else {
        try RunningLog(configuration.accessLog)
      }
    let rules = EventLoop.AccessRules(configuration)
    for loop in 0..<loops {
      services.append(
        Service(
          configuration, listeners: listening.flatMap { $0.sockets[loop] },
          folders: folders[loop], limits: limits, openFiles: openFiles, rules: rules,
          log: log?.writer))
    }
  }

  /// Listens wherever it is wanted and is not done already.
  private static func listen(
    _ addresses: [ListenAddress], loops: Int, beside known: [Listening]
  ) throws(ServerError) -> [Listening] {
    guard !addresses.isEmpty else {
      throw ServerError(.configuration, "listeners", "there is no address to listen on")
    }
    var known = known
    return try addresses.map { (address) throws(ServerError) in
      if let index = known.firstIndex(where: { $0.wanted == address }) {
        return known.remove(at: index)
      }
      return try Listening(on: address, loops: loops)
    }
  }

  /// The descriptors that this process may have.
  private static var descriptorLimit: Int {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
      ? Int(clamping: limit.rlim_cur) : 1024
  }
}
