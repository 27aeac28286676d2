internal import ChannelSystem
internal import Logging
internal import SystemPackage

/// Answers requests with the files beneath some directories.
struct StaticFiles: ~Copyable {
  /// The one with the longest mount first.
  private var folders: [MountedFolder]
  private var concealments: Concealments
  private var concealsAny: Bool
  private let metrics: LoopMetrics?
  /// The entries of the cache that the metrics know of.
  private var countedEntries = 0
  private var cache: FileCache
  private var watches = DirectoryWatches()
  private var work: FileWork
  private var checks = 0
  /// Reused from request to request.
  private var path = RequestPath()

  init(
    _ service: Service, work: FileWork, metrics: LoopMetrics?
  ) {
    self.work = work
    self.metrics = metrics
    folders = Self.folders(service)
    concealments = service.concealments
    concealsAny = !concealments.isEmpty
    cache = Self.cache(service)
  }

  deinit {
    metrics?.add(-countedEntries, to: .cacheEntries)
  }

  /// Serves other folders from now on, or the same ones in another way.
  mutating func replaceFolders(by service: Service) {
    // What is cached knows the folders by their descriptors.
    cache = Self.cache(service)
    countEntries()
    watches.forgetAll()
    work.forgetAll()
    folders = Self.folders(service)
    concealments = service.concealments
    concealsAny = !concealments.isEmpty
  }

  private static func cache(_ service: Service) -> FileCache {
    var limits = FileCache.Limits()
    limits.files = service.openFiles
    return FileCache(limits: limits)
  }

  private static func folders(_ service: Service) -> [MountedFolder] {
    service.folders.enumerated()
      .compactMap { MountedFolder($1, number: $0, logger: service.logger) }
      .sorted { $0.mount.count > $1.mount.count }
  }

  /// Readable when `noteChanges` has something to do; nil where the file system tells nothing.
  var changeSource: FileDescriptor? { watches.source }

  /// Learns what has changed so far; what is served from then on is no older.
  mutating func noteChanges() {
    watches.drain()
  }

  /// Does, about once a second, what no request waits for.
  ///
  /// The path of a root may lead to another directory by now. And files that are gone are let go
  /// of now and then, whether or not anyone asks for them again: an open file keeps its place on the
  /// disk.
  mutating func checkUp() {
    var hasReopened = false
    for folder in folders where folder.loader.reopenRootIfReplaced() { hasReopened = true }
    if hasReopened {
      cache.removeAll()
      countEntries()
      watches.forgetAll()
      return
    }
    checks += 1
    if checks % 8 == 0 { letGoOfVanished() }
  }

  /// Closes files that are no longer what their paths lead to.
  mutating func letGoOfVanished() {
    cache.removeFiles(unless: \.isTrue)
    countEntries()
  }

  private mutating func keep(_ entry: FileCache.Entry) {
    cache.insert(entry)
    countEntries()
  }

  private mutating func countEntries() {
    metrics?.add(cache.count - countedEntries, to: .cacheEntries)
    countedEntries = cache.count
  }

  /// What becomes of a request.
  enum Answer {
    /// The response is written.
    case reply(Reply)
    /// It waits for work that the pool does.
    case later(FileWork.Wait)
  }

  /// What finished work has made, for those who waited for it.
  typealias Made = Result<Resource, Status>

  /// Writes the response to the request whose head lies in `bytes`, unless it has to wait.
  mutating func respond(
    to head: RequestHead, in bytes: Span<UInt8>, _ context: borrowing ResponseContext,
    into output: inout OutputBuffer
  ) -> Answer {
    switch head.method {
    case .get, .head: break
    case .options:
      return .reply(output.appendPlain(.noContent, context, fields: Self.allow))
    case .refused:
      return .reply(output.appendPlain(.methodNotAllowed, context, fields: Self.allow))
    case .unknown:
      return .reply(output.appendPlain(.notImplemented, context, fields: Self.allow))
    }
    if concealsAny, concealments.apply(to: head, in: bytes) {
      return .reply(output.appendPlain(.notFound, context, method: head.method))
    }
    do throws(Status) {
      switch try find(for: head, in: bytes, context.now) {
      case .resource(let resource):
        return answer(with: resource, to: head, in: bytes, context, into: &output)
      case .later(let wait):
        return .later(wait)
      }
    } catch {
      return .reply(output.appendPlain(error, context, method: head.method))
    }
  }

  /// Goes on with a request that waited for `made`.
  mutating func respond(
    to head: RequestHead, in bytes: Span<UInt8>, _ context: borrowing ResponseContext,
    with made: Made, into output: inout OutputBuffer
  ) -> Answer {
    switch made {
    case .success(let resource):
      answer(with: resource, to: head, in: bytes, context, into: &output)
    case .failure(let status):
      .reply(output.appendPlain(status, context, method: head.method))
    }
  }

  private mutating func answer(
    with resource: Resource, to head: RequestHead, in bytes: Span<UInt8>,
    _ context: borrowing ResponseContext, into output: inout OutputBuffer
  ) -> Answer {
    switch resource {
    case .file(let file):
      switch file.choose(for: head, in: bytes) {
      case .ready(let representation):
        return .reply(representation.reply(to: head, in: bytes, context, into: &output))
      case .unpacked:
        if let wait = work.pack(file) { return .later(wait) }
        // Nobody has time to pack it, so it goes as it is.
        return .reply(file.plain.reply(to: head, in: bytes, context, into: &output))
      }
    case .redirect(var location):
      if let query = head.query {
        location.append(ASCII.question)
        location += query.map { bytes[$0] }
      }
      let fields: [(name: StaticString, value: [UInt8])] = [(name: "Location", value: location)]
      return .reply(
        output.appendPlain(.movedPermanently, context, method: head.method, fields: fields))
    case .missing:
      return .reply(output.appendPlain(.notFound, context, method: head.method))
    }
  }

  /// Takes what the pool has made, and says what those who wait for it are to be answered with.
  mutating func finish(_ number: FileWork.Number, _ product: FileWork.Product) -> Made? {
    switch (work.end(number), product) {
    case (.packing(let file), .packed(let packed)):
      file.finishPacking(packed)
      return .success(.file(file))
    case (.listing(var pending), .listing(.success(let page))):
      pending.account.tellsOfOthers = page.tellsOfOthers
      let file = FileResource(plain: page.representation, mayBeGzipped: true)
      keep(
        FileCache.Entry(
          path: pending.key.path, variant: pending.key.variant, hash: pending.hash,
          resource: .file(file),
          evidence: Evidence(
            pending.account, beneath: pending.folder.root, at: pending.moment)))
      return .success(.file(file))
    case (.listing(let pending), .listing(.failure(let error))):
      return .failure(pending.folder.loader.status(for: error, opening: pending.name))
    default:
      return nil
    }
  }

  private static var allow: [(name: StaticString, value: [UInt8])] {
    [(name: "Allow", value: Array("GET, HEAD, OPTIONS".utf8))]
  }

  private enum Found {
    case resource(Resource)
    case later(FileWork.Wait)
  }

  private mutating func find(
    for head: RequestHead, in bytes: Span<UInt8>, _ now: HTTPDate
  ) throws(Status) -> Found {
    let sent = bytes.extracting(head.path)
    let options = ListingOptions(asked: head, in: bytes)
    let variant = options?.code ?? 0
    let hash = cache.hash(sent, variant)
    if let entry = cache.find(sent, variant, hash: hash),
      entry.evidence.holds(epoch: watches.epoch, now: now)
    {
      metrics?.add(to: .cacheHits)
      return .resource(entry.resource)
    }
    metrics?.add(to: .cacheMisses)
    try path.decode(sent)
    if path.name.isEmpty, folders.count == 1, let mount = folders.first?.mount, !mount.isEmpty {
      // Whoever comes to the root of a server means what it serves.
      return .resource(.redirect(location: PercentEncoding.path(mount) + [ASCII.slash]))
    }
    let last = Array(path.lastComponent)
    let isHidden = path.isHidden
    guard let folder = enterFolder(), !isHidden else { throw .notFound }
    let redirect = Resource.redirect(location: PercentEncoding.directory(last[...]))
    if path.name.isEmpty, !path.isDirectory { return .resource(redirect) }

    // Watched first and read then: a change in between is seen as one.
    let directory = path.isDirectory ? path.name : DirectoryWatches.parent(of: path.name)
    let watch = watches.watch(directory, of: folder)
    let moment = Evidence.Moment(
      watch: watch, epoch: watches.epoch, changes: watch?.changes ?? 0, now: now)
    let key = FileWork.Key(path: sent.withUnsafeBytes { Array($0) }, variant: variant)
    if !work.isIdle, let wait = work.wait(for: key, at: moment) { return .later(wait) }
    folder.loader.beginAccount()
    let resource: Resource
    switch try load(from: folder, asking: options, else: redirect, now) {
    case .resource(let loaded):
      resource = loaded
    case .unfinished(let listing):
      let pending = FileWork.PendingListing(
        key: key, hash: hash, folder: folder, name: path.name, account: folder.loader.account,
        moment: moment)
      guard let wait = work.begin(listing, pending) else { throw .serviceUnavailable }
      return .later(wait)
    }
    keep(
      FileCache.Entry(
        path: key.path, variant: variant, hash: hash, resource: resource,
        evidence: Evidence(folder.loader.account, beneath: folder.root, at: moment)))
    return .resource(resource)
  }

  /// The folder that the path leads into, with its mount taken off the path; nil for none.
  private mutating func enterFolder() -> MountedFolder? {
    for folder in folders where path.strip(folder.mount) { return folder }
    return nil
  }

  private enum Loaded {
    case resource(Resource)
    case unfinished(ListingWork)
  }

  private func load(
    from folder: MountedFolder, asking options: ListingOptions?, else redirect: Resource,
    _ now: HTTPDate
  ) throws(Status) -> Loaded {
    do throws(Status) {
      if path.isDirectory {
        switch try folder.loader.loadDirectory(path.name, asking: options, now: now) {
        case .file(let file): return .resource(.file(file))
        case .unfinished(let listing): return .unfinished(listing)
        }
      }
      switch try folder.loader.load(path.name, now: now) {
      case .file(let file): return .resource(.file(file))
      case .directory: return .resource(redirect)
      }
    } catch .notFound {
      return .resource(.missing)
    }
  }
}
