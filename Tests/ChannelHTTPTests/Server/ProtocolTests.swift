import ChannelHTTP
import Support
import Testing

@Suite struct ProtocolTests {
  private let site: Site

  init() throws {
    site = try Site()
    try site.folder.write("x", to: "f")
    try site.folder.write("y", to: "folder/index.html")
  }

  @Test(arguments: [
    ("GET http://other/f HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    ("GET http://other HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    ("GET http://other?q HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    ("GET http://other/../etc HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /f HTTP/1.2\r\nHost: a\r\n\r\n", 200),
    ("GET /f HTTP/3.0\r\nHost: a\r\n\r\n", 505),
    ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    ("TRACE /f HTTP/1.1\r\nHost: a\r\nSecret: s\r\n\r\n", 405),
    ("GET /f HTTP/1.1\r\nHost: a\r\nExpect: something\r\n\r\n", 417),
    ("GET /f HTTP/1.0\r\nExpect: something\r\n\r\n", 200),
    ("GET /f HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", 200),
    ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /f%2e HTTP/1.1\r\nHost: a\r\n\r\n", 404),
    ("GET /folder/ HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    ("GET /f?anything=%zz HTTP/1.1\r\nHost: a\r\n\r\n", 200),
  ])
  func `a request gets the status it deserves`(_ request: String, _ status: Int) throws {
    #expect(try site.status(ofRaw: request) == status)
  }

  @Test func `every refusal is dated, closes, and is read before the connection goes`() throws {
    let client = try site.connect()
    try client.send("GET /f HTTP/1.1\r\n\r\n" + String(repeating: "x", count: 500_000))
    let response = try client.response()

    #expect(response.status == 400)
    #expect(response["connection"] == "close")
    #expect(response["date"] != nil)
    client.finishSending()
    #expect(try client.isClosedByServer())
  }

  @Test(arguments: ["GET", "POST", "HEAD", "OPTIONS"])
  func `the bytes of a body are never a request`(_ method: String) throws {
    let client = try site.connect()
    let smuggled = "GET /missing HTTP/1.1\r\nHost: a\r\n\r\n"
    let status = ["GET": 200, "POST": 405, "HEAD": 200, "OPTIONS": 204][method]
    for framing in [
      "Content-Length: \(smuggled.utf8.count)\r\n\r\n\(smuggled)",
      "Transfer-Encoding: chunked\r\n\r\n\(String(smuggled.utf8.count, radix: 16))\r\n"
        + "\(smuggled)\r\n0\r\nTrailer: x\r\n\r\n",
    ] {
      try client.send("\(method) /f HTTP/1.1\r\nHost: a\r\n\(framing)")
      #expect(try client.response(to: method).status == status)
    }
    #expect(try client.request("GET", "/f").text == "x", "the connection is in step")
  }

  @Test func `a body that arrives byte by byte is waited for`() throws {
    let client = try site.connect()
    let request =
      "GET /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "3\r\nabc\r\n0\r\n\r\n"
    for byte in request.utf8 { try client.send([byte]) }

    #expect(try client.response().text == "x")
    #expect(try client.request("GET", "/f").text == "x")
  }

  @Test func `a broken chunk ends the connection`() throws {
    let client = try site.connect()
    try client.send(
      "GET /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n")
    let response = try client.response()
    client.finishSending()

    #expect(response.status == 400)
    #expect(try client.isClosedByServer())
  }

  @Test func `a body beyond the limit is refused`() throws {
    let site = try Site { $0.limits.requestBody = 1000 }
    try site.folder.write("x", to: "f")
    let chunks = String(repeating: "64\r\n\(String(repeating: "x", count: 100))\r\n", count: 11)

    for (request, status) in [
      ("GET /f HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413),
      ("POST /f HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 405),
      ("GET /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)", 413),
    ] {
      #expect(try site.status(ofRaw: request) == status)
    }
  }

  @Test func `a refused upload of two megabytes still lets its client read the status`() throws {
    let client = try site.connect()
    try client.send("PUT /f HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n")
    try client.send([UInt8](repeating: 0, count: 2_000_000))

    #expect(try client.response().status == 405)
  }

  @Test func `an expectation of 100 is met with the final status at once`() throws {
    let client = try site.connect()
    try client.send(
      "POST /f HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
    let response = try client.response()

    #expect(response.status == 405)
    #expect(response["connection"] == "close")
  }

  @Test func `an HTTP 1.0 client's expectation is ignored`() throws {
    let client = try site.connect()
    try client.send(
      "POST /f HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab")

    #expect(try client.response().status == 405)
  }

  @Test func `a head beyond the limits is refused with its own status`() throws {
    let long = "GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n"
    let big = "GET /f HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n"

    #expect(try site.status(ofRaw: long) == 414)
    #expect(try site.status(ofRaw: big) == 431)
  }

  @Test func `a flood that never ends a line is cut`() throws {
    let client = try site.connect()
    let flood = [UInt8](repeating: 0x61, count: 8_000_000)
    _ = try? client.send(Array("GET /".utf8) + flood)

    #expect(try client.responseHead().status == 414)
  }

  @Test(arguments: ["\u{16}\u{3}\u{1}", "SSH-2.0-OpenSSH_9\r\n", "\0\0\0\0"])
  func `other protocols are refused at once`(_ greeting: String) throws {
    #expect(try site.status(ofRaw: greeting) == 400)
  }

  @Test func `a redirect never splits the response or leaves the host`() throws {
    try site.folder.makeFolder("evil.example")
    try site.folder.makeFolder("a\r\nSet-Cookie: x")

    let split = try site.request("/a%0d%0aSet-Cookie:%20x")
    #expect(split.status == 301)
    #expect(split["set-cookie"] == nil)
    #expect(split["location"] == "a%0D%0ASet-Cookie%3A%20x/")
    #expect(try site.request("//evil.example")["location"] == "evil.example/")
    #expect(try site.request("/%5cevil.example").status == 404)
  }

  @Test func `silence after half a head is answered 408 and closed`() throws {
    let site = try Site { $0.limits.headTimeout = .milliseconds(200) }
    let client = try site.connect()
    try client.send("GET / HTT")

    #expect(try client.response().status == 408)
    client.finishSending()
    #expect(try client.isClosedByServer())
  }

  @Test func `a client that connects and says nothing is let go of`() throws {
    let site = try Site { $0.limits.headTimeout = .milliseconds(200) }
    let client = try site.connect()

    #expect(try client.isClosedByServer())
  }

  @Test func `a head that trickles in is cut all the same`() throws {
    let site = try Site { $0.limits.headTimeout = .milliseconds(300) }
    let client = try site.connect()
    try client.send("GET / HTTP/1.1\r\nX: ")
    while try !client.waitsForInput(milliseconds: 20) { try client.send("x") }

    #expect(try client.response().status == 408)
  }

  @Test func `a body that does not come is answered 408`() throws {
    let site = try Site { $0.limits.bodyTimeout = .milliseconds(200) }
    let client = try site.connect()
    try client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")

    #expect(try client.response().status == 408)
  }

  @Test func `an idle connection is closed without a word`() throws {
    let site = try Site { $0.limits.idleTimeout = .milliseconds(200) }
    let client = try site.connect()
    _ = try client.request("GET", "/")

    #expect(try client.isClosedByServer())
  }

  @Test func `a client that does not read is cut off`() throws {
    let site = try Site {
      $0.limits.writeTimeout = .seconds(1)
      $0.accessLog = .off
    }
    try site.folder.write([UInt8](repeating: 0, count: 32_000_000), to: "large")
    let client = try site.connect(receiveBuffer: 4096)
    try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    try client.waitForReset()

    #expect(throws: (any Error).self) { try client.response() }
  }
}
