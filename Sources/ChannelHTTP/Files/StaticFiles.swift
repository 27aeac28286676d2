internal import ChannelSystem
package import Logging
package import SystemPackage

/// Answers requests with the files beneath one directory.
package struct StaticFiles: ~Copyable {
  /// How files are shown.
  package struct Options: Sendable {
    /// Components of the path under which the root appears; empty for `/`.
    package var mount: [UInt8] = []
    package var cachePolicy = CachePolicy.channel
    package var showsListings = true
    /// The file that stands for its directory; nil for none.
    package var indexFile: [UInt8]? = Array("index.html".utf8)

    /// Files that may be held open.
    package var openFiles = 512

    package init() {}
  }

  private var loader: FileLoader
  private let mount: [UInt8]
  private var cache: FileCache
  private var watches = DirectoryWatches()
  private var checks = 0
  /// Reused from request to request.
  private var path = RequestPath()

  package init(_ resolver: consuming PathResolver, options: Options, logger: Logger) {
    loader = FileLoader(resolver, options: options, logger: logger)
    mount = options.mount
    var limits = FileCache.Limits()
    limits.files = options.openFiles
    cache = FileCache(limits: limits)
  }

  /// Readable when `noteChanges` has something to do; nil where the file system tells nothing.
  package var changeSource: FileDescriptor? { watches.source }

  /// Learns what has changed so far; what is served from then on is no older.
  package mutating func noteChanges() {
    watches.drain()
  }

  /// Does, about once a second, what no request waits for.
  ///
  /// The path of the root may lead to another directory by now. And files that are gone are let go
  /// of now and then, whether or not anyone asks for them again: an open file keeps its place on the
  /// disk.
  package mutating func checkUp() {
    if loader.reopenRootIfReplaced() {
      cache.removeAll()
      watches.forgetAll()
      return
    }
    checks += 1
    guard checks % 8 == 0 else { return }
    cache.removeFiles { $0.isTrue(beneath: loader.root) }
  }

  /// Writes the response to the request whose head lies in `bytes`.
  package mutating func respond(
    to head: RequestHead, in bytes: Span<UInt8>, _ context: borrowing ResponseContext,
    into output: inout OutputBuffer
  ) -> Reply {
    switch head.method {
    case .get, .head: break
    case .options: return output.appendPlain(.noContent, context, fields: Self.allow)
    case .refused: return output.appendPlain(.methodNotAllowed, context, fields: Self.allow)
    case .unknown: return output.appendPlain(.notImplemented, context, fields: Self.allow)
    }
    do throws(Status) {
      switch try resource(for: head, in: bytes, context.now) {
      case .file(let file):
        return file.choose(for: head, in: bytes)
          .reply(to: head, in: bytes, context, into: &output)
      case .redirect(var location):
        if let query = head.query {
          location.append(ASCII.question)
          location += query.map { bytes[$0] }
        }
        return output.appendPlain(
          .movedPermanently, context, method: head.method,
          fields: [(name: "Location", value: location)])
      case .missing:
        return output.appendPlain(.notFound, context, method: head.method)
      }
    } catch {
      return output.appendPlain(error, context, method: head.method)
    }
  }

  private static var allow: [(name: StaticString, value: [UInt8])] {
    [(name: "Allow", value: Array("GET, HEAD, OPTIONS".utf8))]
  }

  private mutating func resource(
    for head: RequestHead, in bytes: Span<UInt8>, _ now: HTTPDate
  ) throws(Status) -> Resource {
    let sent = bytes.extracting(head.path)
    // Only a directory's view depends on the query.
    var options: ListingOptions?
    if let query = head.query, !sent.isEmpty, sent[sent.count - 1] == ASCII.slash {
      options = ListingOptions(query: bytes.extracting(query))
    }
    let variant = options?.code ?? 0
    let hash = cache.hash(sent, variant)
    if let entry = cache.find(sent, variant, hash: hash),
      entry.evidence.holds(beneath: loader.root, epoch: watches.epoch, now: now)
    {
      return entry.resource
    }
    try path.decode(sent)
    if path.name.isEmpty, !mount.isEmpty {
      // Whoever comes to the root of a server means what it serves.
      return .redirect(location: PercentEncoding.path(mount) + [ASCII.slash])
    }
    let last = Array(path.lastComponent)
    let isHidden = path.isHidden
    guard path.strip(mount), !isHidden else { throw .notFound }
    let redirect = Resource.redirect(location: PercentEncoding.directory(last[...]))
    if path.name.isEmpty, !path.isDirectory { return redirect }

    // Watched first and read then: a change in between is seen as one.
    let directory = path.isDirectory ? path.name : DirectoryWatches.parent(of: path.name)
    let watch = watches.watch(directory, beneath: loader.root)
    let (epoch, changes) = (watches.epoch, watch?.changes ?? 0)
    loader.forgetFacts()
    let resource = try load(asking: options, else: redirect, now)
    let evidence = loader.evidence(watch: watch, epoch: epoch, changes: changes, now: now)
    cache.insert(
      FileCache.Entry(
        path: sent.withUnsafeBytes { Array($0) }, variant: variant, hash: hash,
        resource: resource, evidence: evidence))
    return resource
  }

  private mutating func load(
    asking options: ListingOptions?, else redirect: Resource, _ now: HTTPDate
  ) throws(Status) -> Resource {
    do throws(Status) {
      if path.isDirectory {
        return .file(try loader.loadDirectory(path.name, asking: options, now: now))
      }
      switch try loader.load(path.name, now: now) {
      case .file(let file): return .file(file)
      case .directory: return redirect
      }
    } catch .notFound {
      return .missing
    }
  }
}
