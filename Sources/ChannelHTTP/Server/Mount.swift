/// A folder, and the path under which a server shows it.
public struct Mount: Sendable {
  /// The path, as in `/condapkg`; `/` for the whole server.
  public var path: String
  /// The folder.
  public var root: String
  /// What makes the web pages of its directories; nil for the server's own.
  public var listingDecorator: ListingDecorator?

  /// Creates a mount.
  public init(_ path: String = "/", root: String) {
    self.path = path
    self.root = root
  }
}

extension Mount {
  /// The path's components with one slash between any two; empty for the whole server.
  func components() throws(ServerError) -> [UInt8] {
    let components = path.utf8.split(separator: ASCII.slash).map(Array.init)
    for component in components where component.first == ASCII.dot || component.contains(0) {
      throw ServerError(.configuration, "mount \(path)", "no part of it may start with a dot")
    }
    return Array(components.joined(separator: [ASCII.slash]))
  }

  /// The path of its root in URLs.
  var url: String {
    get throws(ServerError) {
      let components = try components()
      guard !components.isEmpty else { return "/" }
      return "/\(String(decoding: PercentEncoding.path(components), as: UTF8.self))/"
    }
  }
}
