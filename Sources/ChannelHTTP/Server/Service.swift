internal import Logging
internal import SystemPackage

/// What one loop does, as far as the configuration says it.
struct Service: Sendable {
  let listeners: [Listener]
  let limits: ServerLimits
  let folders: [MountedFolder.Parts]
  /// Files that may be held open.
  let openFiles: Int
  let concealments: Concealments
  /// Names of files of which nobody is surprised that they are missing.
  let expectedMisses: [[UInt8]]
  let rules: EventLoop.AccessRules?
  let extensions: EventLoop.Extensions?
  let expectations: ExpectationSink?
  let downloads: DownloadSink?
  let log: LogWriter?
  let logFormat: AccessLogFormat
  let logger: Logger

  /// Does as the configuration says, within limits to which the system can keep.
  init(
    _ configuration: ServerConfiguration, listeners: [Listener],
    folders: [MountedFolder.Parts], limits: ServerLimits, openFiles: Int,
    rules: EventLoop.AccessRules?, log: LogWriter?
  ) {
    self.listeners = listeners
    self.limits = limits
    self.folders = folders
    self.openFiles = openFiles
    self.rules = rules
    self.log = log
    concealments = Concealments(configuration.concealments)
    expectedMisses = configuration.expectedMisses.map { Array($0.utf8) }
    expectations = configuration.expectations
    downloads = configuration.downloads
    extensions = EventLoop.Extensions(configuration)
    logFormat = configuration.accessLogFormat
    logger = configuration.logger
  }
}

extension RequestParser.Limits {
  init(_ limits: ServerLimits) {
    self.init()
    requestLine = limits.requestLine
    head = limits.requestHead
    fields = limits.requestFields
  }
}

extension ServerConfiguration {
  /// The folders, opened for one loop.
  func folders() throws(ServerError) -> [MountedFolder.Parts] {
    guard !mounts.isEmpty else {
      throw ServerError(.configuration, "mounts", "there is no folder to serve")
    }
    var folders: [MountedFolder.Parts] = []
    for mount in mounts {
      var options = MountedFolder.Options()
      options.mount = try mount.components()
      options.cachePolicy = cachePolicy
      options.showsListings = showsListings
      options.decorator = mount.listingDecorator
      options.concealments = Concealments(concealments)
      options.asides = listingAsides
      options.indexFile = indexFile.map { Array($0.utf8) }
      guard !folders.contains(where: { $0.options.mount == options.mount }) else {
        throw ServerError(.configuration, "mount \(mount.path)", "has two folders")
      }
      do throws(Errno) {
        let root = try PathResolver(root: FilePath(mount.root))
        folders.append(MountedFolder.Parts(root: Handover(root), options: options))
      } catch {
        throw ServerError(.path, mount.root, "\(error)")
      }
    }
    return folders
  }
}
