/// A request as extensions of the server see it.
///
/// Its head has been checked against the grammar of RFC 9112. Fields are looked up in the bytes as
/// they were sent, so whoever does not ask for them does not pay for them.
public struct HTTPRequest: Sendable {
  /// The method, as in `GET`.
  public let method: String
  /// The path, percent-decoded once and with dot segments resolved; it starts with `/`.
  public let path: [UInt8]
  /// What follows `?` in the target, as it was sent.
  public let query: [UInt8]?
  /// The client's IP address as text, or what a trusted proxy says that it is; `unix:` for one that
  /// comes by way of the file system.
  public let remoteAddress: [UInt8]
  /// Whether the client spoke HTTPS with a trusted proxy, as far as that says.
  public let isSecure: Bool
  /// To whom the authenticator allowed the request; nil for nobody in particular.
  public internal(set) var user: String?
  /// The whole body, for responders; empty for all others.
  public internal(set) var body: [UInt8] = []

  private let head: [UInt8]
  /// Where in the head the field lines start.
  private let fieldsStart: Int

  /// Creates a request, as a test of an extension may want to.
  public init(
    _ method: String = "GET", path: String, query: String? = nil, fields: [HTTPField] = [],
    remoteAddress: String = "127.0.0.1", isSecure: Bool = false, user: String? = nil,
    body: [UInt8] = []
  ) {
    self.method = method
    self.isSecure = isSecure
    self.path = Array(path.utf8)
    self.query = query.map { Array($0.utf8) }
    self.remoteAddress = Array(remoteAddress.utf8)
    self.user = user
    self.body = body
    fieldsStart = 0
    head =
      fields.reduce(into: []) { lines, field in
        lines += field.name.utf8
        lines.append(ASCII.colon)
        lines += field.value
        lines.append(ASCII.lineFeed)
      } + [ASCII.lineFeed]
  }

  /// The request whose head lies in `bytes`.
  init(
    _ head: RequestHead, in bytes: UnsafeBufferPointer<UInt8>, path: [UInt8],
    from remote: [UInt8], isSecure: Bool
  ) {
    self.isSecure = isSecure
    method = String(decoding: bytes[head.methodName], as: UTF8.self)
    self.path = path
    query = head.query.map { Array(bytes[$0]) }
    remoteAddress = remote
    self.head = Array(bytes[..<head.length])
    var start = head.target.upperBound
    while start < head.length, bytes[start] != ASCII.lineFeed { start += 1 }
    fieldsStart = start + 1
  }

  /// The path as text; bytes that are not UTF-8 are replaced.
  public var pathText: String { String(decoding: path, as: UTF8.self) }

  /// The value of the first field called `name`, in any case; nil when there is none.
  public subscript(name: String) -> String? {
    var found: String?
    forEachField { field, value in
      guard found == nil, field.count == name.utf8.count,
        zip(field, name.utf8).allSatisfy({ $0.lowercased == $1.lowercased })
      else { return }
      found = String(decoding: value, as: UTF8.self)
    }
    return found
  }

  /// All fields in the order in which they were sent.
  public var fields: [HTTPField] {
    var fields: [HTTPField] = []
    forEachField { name, value in
      fields.append(HTTPField(String(decoding: name, as: UTF8.self), bytes: Array(value)))
    }
    return fields
  }

  private func forEachField(_ body: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Void)
  {
    var start = fieldsStart
    while start < head.count, let end = head[start...].firstIndex(of: ASCII.lineFeed) {
      let line = head[start..<end]
      start = end + 1
      guard let colon = line.firstIndex(of: ASCII.colon) else { return }
      var value = line[(colon + 1)...]
      while let first = value.first, first.isOptionalWhitespace { value.removeFirst() }
      while let last = value.last, last.isOptionalWhitespace || last == ASCII.carriageReturn {
        value.removeLast()
      }
      body(line[..<colon], value)
    }
  }

  /// The bytes of the head with another path in the target.
  func head(withPath path: [UInt8]) -> [UInt8] {
    var bytes = Array(method.utf8) + [ASCII.space, ASCII.slash]
    bytes += PercentEncoding.path(path)
    if path.count > 1, path.last == ASCII.slash { bytes.append(ASCII.slash) }
    if let query { bytes += [ASCII.question] + query }
    guard let end = head.firstIndex(of: ASCII.lineFeed),
      let version = head[..<end].lastIndex(of: ASCII.space)
    else { return bytes }
    return bytes + head[version...]
  }
}
