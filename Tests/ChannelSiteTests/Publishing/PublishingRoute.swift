import ChannelHTTP
import Support

/// The ways in which a request changes a channel.
enum PublishingRoute: CaseIterable {
  case put, quetz, form, delete, yank, unyank

  /// Those that bring a package.
  static let uploads = [put, quetz, form]
  /// Those that are about a package that is there.
  static let withdrawals = [delete, yank, unyank]

  var isUpload: Bool { Self.uploads.contains(self) }

  var method: String {
    switch self {
    case .put: "PUT"
    case .delete: "DELETE"
    case .quetz, .form, .yank, .unyank: "POST"
    }
  }

  /// Where a file of this name is sent to, or dealt with, in noarch of the channel `/c`.
  func target(_ name: String) -> String {
    switch self {
    case .put, .delete: "/c/noarch/\(name)"
    case .quetz: "/api/channels/c/upload/\(name)"
    case .form: "/api/v1/upload/c"
    case .yank: "/c/noarch/\(name)?action=yank&reason=x"
    case .unyank: "/c/noarch/\(name)?action=unyank"
    }
  }

  var fields: [String] { self == .form ? ["Content-Type: \(Form.mediaType)"] : [] }

  /// What is sent so that a file of this name arrives.
  func body(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .put, .quetz: bytes
    case .form: Form.body(name: name, bytes)
    case .delete, .yank, .unyank: []
    }
  }
}

/// How a request says how long its body is.
enum Framing: CaseIterable {
  case length, chunked

  /// The field that announces `count` bytes.
  func field(_ count: Int) -> String {
    self == .length ? "Content-Length: \(count)" : "Transfer-Encoding: chunked"
  }

  /// Some of the body as it is sent.
  func piece(_ bytes: some Collection<UInt8>) -> [UInt8] {
    guard self == .chunked else { return Array(bytes) }
    return Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A]
  }

  /// What is sent after all of the body.
  var end: [UInt8] { self == .chunked ? Array("0\r\n\r\n".utf8) : [] }
}

extension PublishingSite {
  /// Takes a route with a package, in one piece.
  @discardableResult
  func take(
    _ route: PublishingRoute, _ name: String, _ bytes: [UInt8] = [], as secret: String?
  ) throws -> HTTPClient.Response {
    try send(
      route.method, route.target(name), route.body(name, bytes), as: secret, route.fields)
  }

  /// Begins a request whose body is still to be sent.
  func begin(
    _ route: PublishingRoute, _ name: String, _ framing: Framing, announcing count: Int,
    as secret: String?
  ) throws -> HTTPClient {
    let client = try HTTPClient(port: site.server.port)
    var lines = ["\(route.method) \(route.target(name)) HTTP/1.1", "Host: a", framing.field(count)]
    if let secret { lines.append("Authorization: Bearer \(secret)") }
    try client.send((lines + route.fields).map { $0 + "\r\n" }.joined() + "\r\n")
    return client
  }
}
