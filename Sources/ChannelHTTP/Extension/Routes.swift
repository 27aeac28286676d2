/// The responders and upload routes of a server, by path and method.
struct Routes: Sendable {
  enum Target: Sendable {
    case responder(Responder)
    case upload(UploadRoute)
  }

  private struct Route: Sendable {
    /// Without a slash at its end, so empty for the whole server.
    let prefix: [UInt8]
    let methods: Set<String>?
    let target: Target
    /// Whether it may answer those who only read.
    let isForReading: Bool

    init(_ prefix: String, _ methods: Set<String>?, _ target: Target) {
      var bytes = Array(prefix.utf8)
      while bytes.last == ASCII.slash { bytes.removeLast() }
      self.prefix = bytes.isEmpty || bytes.first == ASCII.slash ? bytes : [ASCII.slash] + bytes
      self.methods = methods
      self.target = target
      isForReading = methods.map { !$0.isDisjoint(with: ["GET", "HEAD"]) } ?? true
    }

    func fits(_ path: Span<UInt8>) -> Bool {
      guard path.count >= prefix.count else { return false }
      for index in prefix.indices where path[index] != prefix[index] { return false }
      return path.count == prefix.count || path[prefix.count] == ASCII.slash
    }
  }

  /// The longest prefix first.
  private let routes: [Route]

  init(_ configuration: ServerConfiguration) {
    let responders = configuration.responders.map { Route($0.prefix, $0.methods, .responder($0)) }
    let uploads = configuration.uploads.map { Route($0.prefix, $0.methods, .upload($0)) }
    // Equal ones stay in order: a sort of pairs, since the library's is not promised to be stable.
    routes = (responders + uploads).enumerated()
      .sorted { ($1.element.prefix.count, $0.offset) < ($0.element.prefix.count, $1.offset) }
      .map(\.element)
  }

  var isEmpty: Bool { routes.isEmpty }

  /// Whether a path reads the same once it is decoded, so that it need not be.
  static func isPlain(_ path: Span<UInt8>) -> Bool {
    var isAfterSlash = false
    for index in path.indices {
      let byte = path[index]
      if byte == ASCII.percent { return false }
      if isAfterSlash, byte == ASCII.slash || byte == ASCII.dot { return false }
      isAfterSlash = byte == ASCII.slash
    }
    return true
  }

  /// Whether anything stands below a decoded path, for whatever method or only for reading.
  func touch(_ path: Span<UInt8>, forReading: Bool) -> Bool {
    for route in routes where !forReading || route.isForReading {
      if route.fits(path) { return true }
    }
    return false
  }

  /// What answers a request.
  func target(for method: String, _ path: Span<UInt8>) -> Target? {
    for route in routes where route.fits(path) && route.methods?.contains(method) != false {
      return route.target
    }
    return nil
  }

  /// The methods that a path has because of routes for just some.
  func methods(for path: Span<UInt8>) -> Set<String> {
    var methods: Set<String> = []
    for route in routes where route.fits(path) { methods.formUnion(route.methods ?? []) }
    return methods
  }
}
