/// A request's method.
///
/// RFC 9110 section 9. Method names are case-sensitive.
package enum Method: Sendable, Hashable {
  case get, head, options
  /// A registered method that this server knows and never allows.
  case refused
  /// Any other token.
  case unknown

  init(_ name: Span<UInt8>) {
    switch name.count {
    case 3 where name.equals("GET"): self = .get
    case 4 where name.equals("HEAD"): self = .head
    case 7 where name.equals("OPTIONS"): self = .options
    case 3 where name.equals("PUT"), 4 where name.equals("POST"), 5 where name.equals("PATCH"),
      5 where name.equals("TRACE"), 6 where name.equals("DELETE"), 7 where name.equals("CONNECT"):
      self = .refused
    default: self = .unknown
    }
  }
}

/// The fields that the server reads; all others are checked for form and passed over.
package enum FieldName: UInt8, Sendable {
  case host, connection, contentLength, transferEncoding, expect
  case ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange, range
  case accept, acceptEncoding, userAgent, referer
  case expectedDigest, forwarded, forwardedFor, forwardedProto
  case authorization, apiKey
  case other

  init(_ name: Span<UInt8>) {
    switch name.count {
    case 4 where name.equalsIgnoringCase("host"): self = .host
    case 5 where name.equalsIgnoringCase("range"): self = .range
    case 6 where name.equalsIgnoringCase("accept"): self = .accept
    case 6 where name.equalsIgnoringCase("expect"): self = .expect
    case 7 where name.equalsIgnoringCase("referer"): self = .referer
    case 8 where name.equalsIgnoringCase("if-match"): self = .ifMatch
    case 8 where name.equalsIgnoringCase("if-range"): self = .ifRange
    case 9 where name.equalsIgnoringCase("forwarded"): self = .forwarded
    case 9 where name.equalsIgnoringCase("x-api-key"): self = .apiKey
    case 10 where name.equalsIgnoringCase("connection"): self = .connection
    case 10 where name.equalsIgnoringCase("user-agent"): self = .userAgent
    case 13 where name.equalsIgnoringCase("if-none-match"): self = .ifNoneMatch
    case 13 where name.equalsIgnoringCase("authorization"): self = .authorization
    case 14 where name.equalsIgnoringCase("content-length"): self = .contentLength
    case 15 where name.equalsIgnoringCase("accept-encoding"): self = .acceptEncoding
    case 15 where name.equalsIgnoringCase("x-forwarded-for"): self = .forwardedFor
    case 17 where name.equalsIgnoringCase("transfer-encoding"): self = .transferEncoding
    case 17 where name.equalsIgnoringCase("if-modified-since"): self = .ifModifiedSince
    case 17 where name.equalsIgnoringCase("x-forwarded-proto"): self = .forwardedProto
    case 17 where name.equalsIgnoringCase("x-expected-sha256"): self = .expectedDigest
    case 19 where name.equalsIgnoringCase("if-unmodified-since"): self = .ifUnmodifiedSince
    default: self = .other
    }
  }
}

/// A set of the fields that a request holds.
struct FieldSet: OptionSet {
  let rawValue: UInt32

  static func only(_ name: FieldName) -> FieldSet { FieldSet(rawValue: 1 << name.rawValue) }

  /// Everything that can make the answer other than the whole representation.
  static let selecting: FieldSet = [
    only(.ifMatch), only(.ifNoneMatch), only(.ifModifiedSince), only(.ifUnmodifiedSince),
    only(.range), only(.acceptEncoding),
  ]

  /// Everything in which a credential may be presented, other than the path.
  static let presenting: FieldSet = [only(.authorization), only(.apiKey)]
}

/// How a request says where its body ends.
///
/// RFC 9112 section 6.3.
package enum BodyFraming: Sendable, Hashable {
  case none
  case length(Int)
  case chunked
}

/// A parsed request head: ranges over the bytes it was read from, no copies.
package struct RequestHead: Sendable {
  struct Field {
    var name: FieldName
    var value: Range<Int>
  }

  package internal(set) var method = Method.get
  /// The request target as it was sent.
  package internal(set) var target = 0..<0
  /// The path within the target, still percent-encoded; empty where absolute-form has none, which
  /// means the root.
  package internal(set) var path = 0..<0
  /// What follows `?`, without it.
  package internal(set) var query: Range<Int>?
  package internal(set) var methodName = 0..<0
  /// 0 or 1; later minor versions are spoken to as 1.1.
  package internal(set) var minorVersion = 1
  /// Whether the target is `*`, which only OPTIONS may have.
  package internal(set) var asksForServer = false
  /// Whether the connection may be used again after the response.
  package internal(set) var isPersistent = true
  package internal(set) var framing = BodyFraming.none
  package internal(set) var expectsContinue = false
  package internal(set) var hasUnknownExpectation = false
  /// Bytes from the start of the buffer to the first one after the head.
  package internal(set) var length = 0
  var present = FieldSet()
  var fields: [Field] = []

  package init() {
    fields.reserveCapacity(32)
  }

  /// The value of a field that was sent exactly once.
  package func single(_ name: FieldName) -> Range<Int>? {
    guard present.contains(.only(name)) else { return nil }
    var found: Range<Int>?
    for field in fields where field.name == name {
      if found != nil { return nil }
      found = field.value
    }
    return found
  }

  /// The values of all lines of one field, in order.
  func values(of name: FieldName) -> some Sequence<Range<Int>> {
    fields.lazy.filter { $0.name == name }.map(\.value)
  }

  mutating func reset() {
    fields.removeAll(keepingCapacity: true)
    present = []
    method = .get
    minorVersion = 1
    query = nil
    asksForServer = false
    isPersistent = true
    framing = .none
    expectsContinue = false
    hasUnknownExpectation = false
    length = 0
    (target, path, methodName) = (0..<0, 0..<0, 0..<0)
  }
}
