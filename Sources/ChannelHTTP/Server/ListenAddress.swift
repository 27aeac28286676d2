/// Where a server takes connections.
public enum ListenAddress: Sendable, Hashable {
  /// A TCP port of an address or name, of every address of the machine when `host` is nil; 0 stands
  /// for any port that is free.
  case tcp(host: String?, port: UInt16)
  /// A socket in the file system, to which those may connect whom `mode` lets write to it.
  ///
  /// A socket that somebody left behind is replaced, one that somebody listens on is not. The file
  /// goes when the server stops.
  case unix(path: String, mode: UInt32 = 0o666)
  /// A listening socket that the process was started with; the server closes it when it stops.
  case inherited(descriptor: Int32)
}

extension ListenAddress: CustomStringConvertible {
  /// As in `127.0.0.1:8080`, `[::1]:8080`, `*:8080`, `unix:/run/channel.sock`.
  public var description: String {
    switch self {
    case .tcp(let host, let port): "\(host.map(Self.bracketed) ?? "*"):\(port)"
    case .unix(let path, _): "unix:\(path)"
    case .inherited(let descriptor): "descriptor \(descriptor)"
    }
  }

  /// The start of URLs of what is served there, as a client on the same machine writes them.
  ///
  /// For a socket in the file system in the notation of nginx, since no standard has one.
  var origin: String {
    switch self {
    case .tcp(nil, let port), .tcp("0.0.0.0", let port), .tcp("::", let port):
      "http://localhost:\(port)"
    case .tcp, .inherited: "http://\(self)"
    case .unix: "http://\(self):"
    }
  }

  private static func bracketed(_ host: String) -> String {
    host.contains(":") ? "[\(host)]" : host
  }
}
