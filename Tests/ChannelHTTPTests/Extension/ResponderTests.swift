import ChannelHTTP
import Dispatch
import Support
import SystemPackage
import Testing

@Suite struct ResponderTests {
  private let health = Responder(under: "/-/health") { _ in HTTPResponse(text: "well\n") }

  @Test func `a responder answers below its prefix, and files elsewhere`() throws {
    let site = try Site { $0.responders = [health] }
    try site.folder.write("file", to: "-/healthy")

    #expect(try site.request("/-/health").text == "well\n")
    #expect(try site.request("/-/health/of/this").text == "well\n")
    #expect(try site.request("/-/healthy").text == "file")
    #expect(try site.request("/-/").status == 200)
    #expect(try site.request("/health").status == 404)
  }

  @Test(arguments: ["/%2D/health", "/-/./health", "/-//health", "/x/../-/health", "/-/%68ealth?q"])
  func `a path is the same however it is spelled`(_ path: String) throws {
    let site = try Site { $0.responders = [health] }
    #expect(try site.request(path).text == "well\n")
  }

  @Test func `a path that cannot be decoded reaches no responder`() throws {
    let site = try Site { $0.responders = [Responder(under: "/") { _ in HTTPResponse() }] }
    #expect(try site.request("/%zz").status == 400)
    #expect(try site.request("/../x").status == 400)
  }

  @Test func `a responder is told what was asked`() throws {
    let site = try Site {
      $0.responders = [
        Responder(under: "/api") { request in
          let lines = [
            request.method, request.pathText,
            request.query.map { String(decoding: $0, as: UTF8.self) } ?? "",
            request["x-one"] ?? "", request["absent"] ?? "none",
            "\(request.fields.count) fields", request.fields.last?.name ?? "",
            String(decoding: request.remoteAddress, as: UTF8.self),
            String(decoding: request.body, as: UTF8.self),
          ]
          return HTTPResponse(text: lines.joined(separator: "|"))
        }
      ]
    }
    let client = try site.connect()
    try client.send(
      "POST /api/a%20b?c=%20d HTTP/1.1\r\nHost: a\r\nX-One:  1 \r\nContent-Length: 4\r\n\r\nbody")

    #expect(
      try client.response().text
        == "POST|/api/a b|c=%20d|1|none|3 fields|Content-Length|127.0.0.1|body")
  }

  @Test func `of several that fit the longest prefix answers`() throws {
    let site = try Site {
      $0.responders = [
        Responder(under: "/") { _ in HTTPResponse(text: "root") },
        Responder(under: "/a/b/") { _ in HTTPResponse(text: "b") },
        Responder(under: "/a", methods: ["POST"]) { _ in HTTPResponse(text: "post") },
      ]
    }
    #expect(try site.request("/a/b").text == "b")
    #expect(try site.request("/a/bc").text == "root")
    #expect(try site.request("POST", "/a").text == "post")
    #expect(try site.request("/a").text == "root")
  }

  @Test func `methods that nothing answers are refused and the others named`() throws {
    let site = try Site {
      $0.responders = [Responder(under: "/api", methods: ["DELETE"]) { _ in HTTPResponse(204) }]
    }
    let refused = try site.request("POST", "/api/x")

    #expect(refused.status == 405)
    #expect(refused["allow"] == "DELETE, GET, HEAD, OPTIONS")
    #expect(try site.request("OPTIONS", "/api/x")["allow"] == "DELETE, GET, HEAD, OPTIONS")
    #expect(try site.request("DELETE", "/api/x").status == 204)
    #expect(try site.request("POST", "/x")["allow"] == "GET, HEAD, OPTIONS")
  }

  @Test func `HEAD gets the fields and no body`() throws {
    let site = try Site { $0.responders = [health] }
    let client = try site.connect()
    let head = try client.request("HEAD", "/-/health")

    #expect(head.status == 200)
    #expect(head["content-length"] == "5")
    #expect(try client.request("GET", "/-/health").fieldsBesideDate == head.fieldsBesideDate)
  }

  @Test(arguments: [100, 65_536, 65_537, 3_000_000])
  func `content of any size arrives whole`(_ size: Int) throws {
    let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 251) }
    let file = try TemporaryDirectory()
    try file.write(content, to: "f")
    let path = file.path.appending("f").string
    let site = try Site {
      $0.responders = [
        Responder(under: "/bytes") { _ in HTTPResponse(body: .bytes(content)) },
        Responder(under: "/file") { _ in HTTPResponse(body: .file(path)) },
        Responder(under: "/pool", on: .pool) { _ in HTTPResponse(body: .file(path)) },
      ]
    }
    let client = try site.connect()

    #expect(try client.request("GET", "/bytes").body == content)
    #expect(try client.request("GET", "/file").body == content)
    #expect(try client.request("GET", "/pool").body == content)
  }

  @Test(arguments: [
    HTTPResponse(fields: [HTTPField("Location", "a\r\nSet-Cookie: b")]),
    HTTPResponse(fields: [HTTPField("a b", "c")]), HTTPResponse(99), HTTPResponse(600),
    HTTPResponse(body: .file("/nonexistent/file")), HTTPResponse(body: .file("/")),
  ])
  func `a response that cannot be sent is an error of the server's`(_ response: HTTPResponse) throws
  {
    let site = try Site { $0.responders = [Responder(under: "/") { _ in response }] }
    #expect(try site.request("/").status == 500)
  }

  @Test func `what concerns the message is the server's to say`() throws {
    let site = try Site {
      $0.responders = [
        Responder(under: "/") { _ in
          HTTPResponse(
            fields: [HTTPField("content-length", "1"), HTTPField("Transfer-Encoding", "chunked")],
            body: .bytes(Array("hello".utf8)))
        }
      ]
    }
    let response = try site.request("/")

    #expect(response.text == "hello")
    #expect(response.fields.filter { $0.name == "content-length" }.count == 1)
    #expect(response["transfer-encoding"] == nil)
    #expect(response["cache-control"] == "no-store")
  }

  @Test(arguments: [
    "Content-Length: 11\r\n\r\nhello world",
    "Transfer-Encoding: chunked\r\n\r\n"
      + "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n",
  ])
  func `a responder gets the whole body, and the next request its answer`(_ rest: String) throws {
    let site = try Site {
      $0.responders = [Responder(under: "/") { HTTPResponse(body: .bytes($0.body)) }]
    }
    let client = try site.connect()
    try client.send("POST / HTTP/1.1\r\nHost: a\r\n\(rest)GET / HTTP/1.1\r\nHost: a\r\n\r\n")

    #expect(try client.response().text == "hello world")
    #expect(try client.response().body.isEmpty)
  }

  @Test func `a client that asks first is told to send its body`() throws {
    let site = try Site {
      $0.responders = [Responder(under: "/") { HTTPResponse(body: .bytes($0.body)) }]
    }
    let client = try site.connect()
    try client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    #expect(try client.responseHead().status == 100)
    try client.send("ok")
    #expect(try client.response().text == "ok")
  }

  @Test func `a body beyond the limit reaches no responder`() throws {
    let site = try Site {
      $0.limits.requestBody = 10
      $0.responders = [Responder(under: "/") { _ in HTTPResponse() }]
    }
    let start = "POST / HTTP/1.1\r\nHost: a\r\n"
    #expect(try site.status(ofRaw: start + "Content-Length: 11\r\n\r\n") == 413)
    #expect(try site.status(ofRaw: start + "Transfer-Encoding: chunked\r\n\r\nb\r\n") == 413)
  }
}

/// Responders that take their time.
@Suite struct PoolResponderTests {
  private let begun = DispatchSemaphore(value: 0)
  private let gate = DispatchSemaphore(value: 0)
  private let site: Site

  init() throws {
    let (begun, gate) = (begun, gate)
    site = try Site {
      $0.workers = 1
      $0.limits.work = 1
      $0.responders = [
        Responder(under: "/slow", on: .pool) { _ in
          begun.signal()
          gate.wait()
          return HTTPResponse(text: "slow")
        },
        Responder(under: "/quick") { _ in HTTPResponse(text: "quick") },
      ]
    }
    try site.folder.write("x", to: "f")
  }

  @Test func `a responder of the pool holds nobody else up, and its answer keeps its place`() throws
  {
    let client = try site.connect()
    let lines = ["/quick", "/slow", "/f", "/slow", "/quick"].map {
      "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n"
    }
    try client.send(lines.joined())
    begun.wait()
    for _ in 0..<10 { #expect(try site.request("/f").text == "x") }
    gate.signal()
    gate.signal()

    let texts = try (0..<5).map { _ in try client.response().text }
    #expect(texts == ["quick", "slow", "x", "slow", "quick"])
  }

  @Test func `what no thread has time for is answered 503`() throws {
    let clients = try (0..<3).map { _ in try site.connect() }
    try clients[0].send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    begun.wait()
    // One may wait, whichever is read first, and the other may not.
    for client in clients[1...] { try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n") }
    let statuses = try [clients[1], clients[2]].map { client in
      if try client.waitsForInput(milliseconds: 200) { return try client.response().status }
      gate.signal()
      gate.signal()
      return try client.response().status
    }

    #expect(statuses.sorted() == [200, 503])
    #expect(try clients[0].response().text == "slow")
    #expect(try clients[2].request("GET", "/f").text == "x", "the connection goes on")
  }

  @Test func `a client that has gone by the time of its answer harms nobody`() throws {
    do {
      let client = try site.connect()
      try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
      begun.wait()
    }
    gate.signal()
    gate.signal()
    #expect(try site.request("/slow").text == "slow")
  }

  @Test func `a client that has finished sending gets its answer`() throws {
    let client = try site.connect()
    try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    begun.wait()
    client.finishSending()
    #expect(try site.request("/f").text == "x")
    gate.signal()
    #expect(try client.response().text == "slow")
  }

  @Test func `stopping waits for an answer under way`() throws {
    let client = try site.connect()
    try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    begun.wait()
    let server = site.server
    let stop = try Background { server.stop() }
    gate.signal()

    let response = try client.response()
    #expect(response.text == "slow")
    #expect(try client.isClosedByServer())
    stop.wait()
  }

  @Test func `stopping waits no longer than told for an answer that does not come`() throws {
    let client = try site.connect()
    try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    begun.wait()
    site.server.stop(drainTimeout: .zero)

    #expect(try client.isClosedByServer())
    gate.signal()
  }
}
