import ChannelHTTP
import Testing

@Suite struct RequestParserTests {
  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost:\ta \t\r\n\r\n",
    "GET / HTTP/1.1\r\nhost:a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a.b-c_d~e!$&'()*+,;=%41:80\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n",
    "GET http://a/b HTTP/1.1\r\nHost: other\r\n\r\n",
    "GET HTTPS://a HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /caf\u{e9} HTTP/1.1\r\nHost: a\r\nX: \u{ff}\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nEmpty:\r\n\r\n",
  ])
  func `a request within the grammar is read`(_ text: String) {
    #expect(Set(everyWay(of: text)) == [.complete])
  }

  static let refused: [(String, Status)] = [
    // The request line.
    ("GET /\r\n\r\n", .badRequest), ("GET / \r\n\r\n", .badRequest),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .versionNotSupported),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionNotSupported),
    ("GET / HTTP/1.10\r\nHost: a\r\n\r\n", .badRequest),
    ("GET / HTTP/01.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .badRequest),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET a.txt HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET host:80 HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET /a\u{1b}b HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\rHost: a\r\n\r\n", .badRequest),
    ("\u{16}\u{3}\u{1}\u{2}\0\u{1}", .badRequest),
    // Host.
    ("GET / HTTP/1.1\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .badRequest),
    ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", .badRequest),
    ("GET http://a/ HTTP/1.1\r\n\r\n", .badRequest),
    // Fields.
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nX: y\r\n Host: a\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", .badRequest),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7f}\r\n\r\n", .badRequest),
    // Framing.
    ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .badRequest),
  ]

  @Test(arguments: [
    ("Content-Length: 1\r\nTransfer-Encoding: chunked", Status.badRequest),
    ("Transfer-Encoding: chunked\r\nContent-Length: 1", .badRequest),
    ("Content-Length: 5\r\nContent-Length: 5", .badRequest),
    ("Transfer-Encoding: chunked, chunked", .badRequest),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .badRequest),
    ("Transfer-Encoding: chunked, gzip", .badRequest), ("Transfer-Encoding: identity", .badRequest),
    ("Transfer-Encoding: xchunked", .badRequest), ("Transfer-Encoding: chunkedx", .badRequest),
    ("Transfer-Encoding: \u{b}chunked", .badRequest), ("Transfer-Encoding:", .badRequest),
    ("Transfer-Encoding: \"chunked\"", .badRequest),
    ("Transfer-Encoding: gzip, chunked", .notImplemented),
  ])
  func `framing that two readers could take differently is refused`(
    _ fields: String, _ status: Status
  ) {
    let text = "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"
    #expect(Set(everyWay(of: text)) == [.failed(status)])
  }

  @Test(arguments: refused) func `a request beyond the grammar is refused`(
    _ text: String, _ status: Status
  ) {
    #expect(Set(everyWay(of: text)) == [.failed(status)])
  }

  @Test(arguments: [
    "a b", "a/b", "u@h", "h:x", "[::1", "%zz", "a?b", "<a>", "a:65536", "[1]", "a:80:80", ":80",
    "a\\b", "::1", "[g::1]",
  ])
  func `a Host that names no host is refused`(_ host: String) {
    let text = "GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n"
    #expect(Set(everyWay(of: text)) == [.failed(.badRequest)])
  }

  @Test(arguments: [
    "+5", "-5", "0x5", "5, 6", "5,5", "", "1e1", "18446744073709551621", "9223372036854775808",
    "5 5", "5;", "٥", "5_0", "5\u{85}", "\u{a0}5", "5\u{b}",
  ])
  func `a Content-Length that is no number is refused`(_ value: String) {
    let text = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: \(value)\r\n\r\n"
    #expect(Set(everyWay(of: text)) == [.failed(.badRequest)])
  }

  @Test func `a long request line is read up to the limit and refused beyond`() {
    let fits = "GET /\(String(repeating: "a", count: 8000)) HTTP/1.1\r\nHost: a\r\n\r\n"
    let long = "GET /\(String(repeating: "a", count: 17_000)) HTTP/1.1\r\nHost: a\r\n\r\n"

    #expect(outcome(of: fits) == .complete)
    #expect(outcome(of: long) == .failed(.uriTooLong))
    #expect(outcome(of: String(repeating: "/", count: 20_000)) == .failed(.badRequest))
    #expect(outcome(ofEndless: "GET /", "a") == .failed(.uriTooLong))
  }

  @Test func `a head is bounded in fields and in bytes`() {
    let start = "GET / HTTP/1.1\r\nHost: a\r\n"
    let many = start + String(repeating: "X: y\r\n", count: 100) + "\r\n"
    let big = start + "X: \(String(repeating: "y", count: 33_000))\r\n\r\n"

    #expect(outcome(of: many) == .failed(.fieldsTooLarge))
    #expect(outcome(of: big) == .failed(.fieldsTooLarge))
    #expect(outcome(ofEndless: start + "X: ", "y") == .failed(.fieldsTooLarge))
    #expect(outcome(ofEndless: "", "\r\n") == .failed(.fieldsTooLarge))
  }

  @Test func `a head knows its parts`() {
    let text = "HEAD /a/b?c=d?e HTTP/1.1\r\nHost: a\r\nRange: bytes=0-\r\n\r\nrest"
    let bytes = Array(text.utf8)
    var parser = RequestParser()

    #expect(parser.parse(bytes.span) == .complete)
    #expect(parser.head.method == .head)
    #expect(String(decoding: bytes[parser.head.path], as: UTF8.self) == "/a/b")
    #expect(parser.head.query.map { String(decoding: bytes[$0], as: UTF8.self) } == "c=d?e")
    #expect(parser.head.length == bytes.count - 4)
    let range = parser.head.single(.range).map { String(decoding: bytes[$0], as: UTF8.self) }
    #expect(range == "bytes=0-")
  }

  @Test(arguments: [
    ("HTTP/1.1", "", true), ("HTTP/1.1", "close", false), ("HTTP/1.1", "a,,cLoSe", false),
    ("HTTP/1.0", "", false), ("HTTP/1.0", "Keep-Alive", true),
    ("HTTP/1.0", "keep-alive, close", false), ("HTTP/1.1", "closed", true),
  ])
  func `a head says whether the connection stays`(
    _ version: String, _ option: String, _ stays: Bool
  ) {
    var parser = RequestParser()
    let text = "GET / \(version)\r\nHost: a\r\nConnection: \(option)\r\n\r\n"
    #expect(parser.parse(Array(text.utf8).span) == .complete)
    #expect(parser.head.isPersistent == stays)
  }

  private func outcome(of text: String) -> RequestParser.Outcome {
    var parser = RequestParser()
    return parser.parse(Self.bytes(text).span)
  }

  /// What becomes of a head that only ever grows.
  private func outcome(ofEndless start: String, _ more: String) -> RequestParser.Outcome {
    var parser = RequestParser()
    var bytes = Self.bytes(start)
    var scanned = 0
    for _ in 0..<200 {
      bytes += Self.bytes(String(repeating: more, count: 1000))
      let outcome = parser.parse(bytes.span, scanned: scanned)
      guard outcome == .incomplete else { return outcome }
      scanned = bytes.count
    }
    return .incomplete
  }

  /// The outcomes when the text arrives whole, byte by byte, and in two parts split anywhere.
  private func everyWay(of text: String) -> [RequestParser.Outcome] {
    let bytes = Self.bytes(text)
    return [Self.outcome(of: bytes, endingAt: [bytes.count])]
      + [Self.outcome(of: bytes, endingAt: Array(1...bytes.count))]
      + (1..<bytes.count).map { Self.outcome(of: bytes, endingAt: [$0, bytes.count]) }
  }

  private static func outcome(of bytes: [UInt8], endingAt ends: [Int]) -> RequestParser.Outcome {
    var parser = RequestParser()
    var scanned = 0
    for end in ends {
      let outcome = parser.parse(bytes.span.extracting(0..<end), scanned: scanned)
      guard outcome == .incomplete else { return outcome }
      scanned = end
    }
    return .incomplete
  }

  /// Characters up to U+00FF as one byte each.
  private static func bytes(_ text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar in
      UInt8(exactly: scalar.value).map { [$0] } ?? Array(String(scalar).utf8)
    }
  }
}
