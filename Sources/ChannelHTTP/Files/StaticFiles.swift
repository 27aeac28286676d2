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

    package init() {}
  }

  private var loader: FileLoader
  private let mount: [UInt8]
  /// Reused from request to request.
  private var path = RequestPath()

  package init(root: FilePath, options: Options, logger: Logger) throws(Errno) {
    loader = try FileLoader(root: root, options: options, logger: logger)
    mount = options.mount
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
      case .directory(var location):
        if let query = head.query {
          location.append(ASCII.question)
          location += query.map { bytes[$0] }
        }
        return output.appendPlain(
          .movedPermanently, context, method: head.method,
          fields: [(name: "Location", value: location)])
      }
    } catch {
      return output.appendPlain(error, context, method: head.method)
    }
  }

  private static var allow: [(name: StaticString, value: [UInt8])] {
    [(name: "Allow", value: Array("GET, HEAD, OPTIONS".utf8))]
  }

  /// What a path leads to.
  private enum Resource {
    case file(FileResource)
    /// A directory asked for without its slash, and the reference that adds it.
    case directory(location: [UInt8])
  }

  private mutating func resource(
    for head: RequestHead, in bytes: Span<UInt8>, _ now: HTTPDate
  ) throws(Status) -> Resource {
    try path.decode(bytes.extracting(head.path))
    if path.name.isEmpty, !mount.isEmpty {
      // Whoever comes to the root of a server means what it serves.
      return .directory(location: PercentEncoding.path(mount) + [ASCII.slash])
    }
    let last = Array(path.lastComponent)
    let isHidden = path.isHidden
    guard path.strip(mount), !isHidden else { throw .notFound }
    let redirect = Resource.directory(location: PercentEncoding.directory(last))
    if path.name.isEmpty, !path.isDirectory { return redirect }
    if path.isDirectory {
      let query = head.query.map { ListingOptions(query: bytes.extracting($0)) }
      return .file(try loader.loadDirectory(path.name, asking: query, now: now))
    }
    switch try loader.load(path.name, now: now) {
    case .file(let file): return .file(file)
    case .directory: return redirect
    }
  }
}
