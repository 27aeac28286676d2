import ChannelHTTP
import Support
import Testing

@Suite struct ConnectionTests {
  private let site: Site

  init() throws {
    site = try Site()
    try site.folder.write("x", to: "f")
    try site.folder.write([UInt8](repeating: 1, count: 8_000_000), to: "large")
  }

  @Test func `a connection serves one request after the other`() throws {
    let client = try site.connect()

    for _ in 0..<50 { #expect(try client.request("GET", "/f").text == "x") }
  }

  @Test(arguments: ["close", "Close", "foo, CLOSE ,bar", ",,close"])
  func `a connection is closed when the client asks for it`(_ option: String) throws {
    let client = try site.connect()
    let response = try client.request("GET", "/f", ["Connection: \(option)"])

    #expect(response["connection"] == "close")
    #expect(try client.isClosedByServer())
  }

  @Test func `an HTTP 1.0 connection is closed unless it is asked to stay`() throws {
    let client = try site.connect()
    try client.send("GET /f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    #expect(try client.response()["connection"] == "keep-alive")
    try client.send("GET /f HTTP/1.0\r\n\r\n")
    #expect(try client.response()["connection"] == "close")
    #expect(try client.isClosedByServer())
  }

  @Test func `a hundred pipelined requests are answered in order`() throws {
    for index in 0..<100 { try site.folder.write("\(index)", to: "n\(index)") }
    let client = try site.connect()
    try client.send((0..<100).map { "GET /n\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())

    #expect(try (0..<100).map { _ in try client.response().text } == (0..<100).map { "\($0)" })
  }

  @Test func `pipelined large answers to a slow reader arrive whole`() throws {
    let client = try site.connect(receiveBuffer: 16_384)
    try client.send(String(repeating: "GET /large HTTP/1.1\r\nHost: a\r\n\r\n", count: 5))

    for _ in 0..<5 { #expect(try client.response().body.count == 8_000_000) }
  }

  @Test func `four hundred pipelined large answers arrive in order`() throws {
    for index in 0..<4 {
      try site.folder.write([UInt8](repeating: UInt8(index), count: 100_000), to: "large\(index)")
    }
    let client = try site.connect(receiveBuffer: 65_536)
    let requests = (0..<400).map { "GET /large\($0 % 4) HTTP/1.1\r\nHost: a\r\n\r\n" }
    try client.send(requests.joined())

    for index in 0..<400 {
      let body = try client.response().body
      #expect(body.count == 100_000)
      #expect(body.last == UInt8(index % 4))
    }
  }

  @Test func `nothing is answered after the last response`() throws {
    let client = try site.connect()
    try client.send(
      "GET /f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /f HTTP/1.1\r\nHost: a\r\n\r\n")

    #expect(try client.response().text == "x")
    #expect(try client.isClosedByServer())
  }

  @Test func `a client that has finished sending is still answered`() throws {
    let client = try site.connect()
    try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    client.finishSending()

    #expect(try client.response().body.count == 8_000_000)
    #expect(try client.isClosedByServer())
  }

  @Test(arguments: [1, 3000])
  func `requests that arrive with the end of all are answered, and it is seen`(
    _ count: Int
  ) throws {
    // Nothing but the end of what the client sends ends the connection.
    let site = try Site { $0.limits.idleTimeout = .seconds(3600) }
    try site.folder.write("x", to: "f")
    let client = try site.connect()
    #expect(try client.request("GET", "/f").text == "x")
    try client.send(String(repeating: "GET /f HTTP/1.1\r\nHost: a\r\n\r\n", count: count))
    client.finishSending()

    for _ in 0..<count { #expect(try client.response().text == "x") }
    #expect(try client.isClosedByServer())
  }

  @Test func `a request split anywhere is the same request`() throws {
    let request = Array("GET /f HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n".utf8)
    let client = try site.connect()
    for split in 1..<request.count {
      try client.send(Array(request[..<split]))
      try client.send(Array(request[split...]))
      #expect(try client.response().text == "x")
    }
    for byte in request { try client.send([byte]) }
    #expect(try client.response().text == "x")
  }

  @Test func `clients that vanish in the middle of a response harm nobody`() throws {
    for _ in 0..<30 {
      let client = try site.connect(receiveBuffer: 4096)
      try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try client.responseHead()
    }
    #expect(try site.request("/f").text == "x")
  }

  @Test func `stopping lets a response under way finish`() throws {
    let client = try site.connect(receiveBuffer: 16_384)
    try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    let head = try client.responseHead()
    let stopping = try Background { [server = site.server] in server.stop() }
    let body = try client.readToEnd()
    stopping.wait()

    #expect(head["content-length"] == "8000000")
    #expect(body.count == 8_000_000)
  }

  @Test func `stopping closes idle connections`() throws {
    let client = try site.connect()
    _ = try client.request("GET", "/f")
    site.server.stop()

    #expect(try client.isClosedByServer())
  }
}
