/// A response's status code.
///
/// RFC 9110 section 15.
package struct Status: Error, Hashable {
  package let code: Int
  let reason: StaticString

  private init(_ code: Int, _ reason: StaticString) {
    self.code = code
    self.reason = reason
  }

  /// The status with this code; one that is not known here has no phrase.
  init(code: Int) {
    self = Self.known.first { $0.code == code } ?? Status(code, "")
  }

  private static let known = [
    ok, Status(201, "Created"), Status(202, "Accepted"), noContent, partialContent,
    movedPermanently, found, Status(303, "See Other"), notModified,
    Status(307, "Temporary Redirect"), Status(308, "Permanent Redirect"), badRequest, unauthorized,
    forbidden, notFound, methodNotAllowed, Status(406, "Not Acceptable"), requestTimeout,
    Status(409, "Conflict"), Status(410, "Gone"), preconditionFailed, contentTooLarge, uriTooLong,
    Status(415, "Unsupported Media Type"), rangeNotSatisfiable, expectationFailed,
    Status(422, "Unprocessable Content"), tooManyRequests, fieldsTooLarge,
    internalError, notImplemented, Status(502, "Bad Gateway"), serviceUnavailable,
    Status(504, "Gateway Timeout"), versionNotSupported, Status(507, "Insufficient Storage"),
  ]

  package static func == (left: Self, right: Self) -> Bool { left.code == right.code }

  package func hash(into hasher: inout Hasher) { hasher.combine(code) }

  package static let ok = Status(200, "OK")
  package static let noContent = Status(204, "No Content")
  package static let partialContent = Status(206, "Partial Content")
  package static let movedPermanently = Status(301, "Moved Permanently")
  package static let found = Status(302, "Found")
  package static let notModified = Status(304, "Not Modified")
  package static let badRequest = Status(400, "Bad Request")
  static let unauthorized = Status(401, "Unauthorized")
  static let forbidden = Status(403, "Forbidden")
  package static let notFound = Status(404, "Not Found")
  package static let methodNotAllowed = Status(405, "Method Not Allowed")
  package static let requestTimeout = Status(408, "Request Timeout")
  package static let preconditionFailed = Status(412, "Precondition Failed")
  package static let contentTooLarge = Status(413, "Content Too Large")
  package static let uriTooLong = Status(414, "URI Too Long")
  package static let rangeNotSatisfiable = Status(416, "Range Not Satisfiable")
  package static let expectationFailed = Status(417, "Expectation Failed")
  package static let tooManyRequests = Status(429, "Too Many Requests")
  package static let fieldsTooLarge = Status(431, "Request Header Fields Too Large")
  package static let internalError = Status(500, "Internal Server Error")
  package static let notImplemented = Status(501, "Not Implemented")
  package static let serviceUnavailable = Status(503, "Service Unavailable")
  package static let versionNotSupported = Status(505, "HTTP Version Not Supported")
}
