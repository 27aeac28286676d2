import ChannelHTTP
import Dispatch
import Support
import Synchronization
import Testing

@Suite struct AuthenticatorTests {
  private func site(
    _ configure: (inout ServerConfiguration) -> Void = { _ in }
  ) throws -> Site {
    let site = try Site {
      $0.authenticator = Authenticator { request in
        if request.path.starts(with: "/open".utf8) { return .allow() }
        if request.path.starts(with: "/closed".utf8) { return .forbid }
        if request.path.starts(with: "/t/secret/".utf8) {
          return .rewrite(path: Array(request.path.dropFirst("/t/secret".utf8.count)), user: "me")
        }
        if request["authorization"] == "Bearer good" { return .allow(user: "some one") }
        return .challenge("Basic realm=\"channel\"")
      }
      configure(&$0)
    }
    for name in ["open", "closed", "other", "folder/a b"] {
      try site.folder.write(name, to: name)
    }
    return site
  }

  @Test func `who may not ask is told how to, or that it is no use`() throws {
    let site = try site()
    let client = try site.connect()
    let challenged = try client.request("GET", "/other")

    #expect(challenged.status == 401)
    #expect(challenged["www-authenticate"] == "Basic realm=\"channel\"")
    #expect(try client.request("GET", "/closed").status == 403)
    #expect(try client.request("GET", "/open").text == "open")
    #expect(try client.request("GET", "/other", ["Authorization: Bearer good"]).text == "other")
  }

  @Test func `nobody learns what is there without being allowed`() throws {
    let site = try site()
    let there = try site.request("/other")
    let absent = try site.request("/absent")
    #expect(there.fieldsBesideDate == absent.fieldsBesideDate)
    #expect(there.body == absent.body)
  }

  @Test(arguments: ["/%63losed", "/./closed", "//closed", "/open/../closed", "/closed?open"])
  func `a path is judged as what it leads to`(_ path: String) throws {
    #expect(try site().request(path).status == 403)
  }

  @Test(arguments: ["http://a", "http://a?query", "http://a/", "HTTP://a/other"])
  func `a target that names the server is judged by its path, even if it has none`(
    _ target: String
  ) throws {
    let site = try site()
    #expect(try site.request(target).status == 401)
    #expect(try site.request("HEAD", target).status == 401)
    #expect(try site.request(target, ["Authorization: Bearer good"]).status == 200)
  }

  @Test(arguments: [
    ("GET", "/f", 200), ("HEAD", "/f", 200), ("GET", "/f?token=/t/a", 200), ("GET", "/none", 404),
    ("GET", "/tt/f", 200), ("GET", "/T/f", 200), ("GET", "/", 200), ("GET", "http://a", 200),
    ("GET", "/t", 301),
  ])
  func `where anybody may read, nothing is asked about those who present nothing`(
    _ method: String, _ target: String, _ status: Int
  ) throws {
    let site = try anybodysSite()
    #expect(try site.site.request(method, target).status == status)
    #expect(site.asked.values.isEmpty)
  }

  @Test(arguments: [
    ("PUT", "/f", ""), ("OPTIONS", "/f", ""), ("BREW", "/f", ""), ("CONNECT", "/f", ""),
    ("GET", "/api", ""), ("GET", "/t/f", ""), ("GET", "/f/t/x", ""), ("HEAD", "/t/", ""),
    ("GET", "/%74/f", ""), ("GET", "/t%2ff", ""), ("GET", "//t//f", ""), ("GET", "/./t/f", ""),
    ("GET", "/x/../t/f", ""), ("GET", "/%2e/f", ""), ("GET", "http://a/t/f", ""),
    ("GET", "/.git/f", ""),
    ("GET", "/f", "Authorization: x"), ("GET", "/f", "aUTHORIZATION:"),
    ("HEAD", "/f", "X-Api-Key:\t"), ("GET", "/f", "x-api-key: a"),
    ("GET", "/f", "Accept: */*\r\nAuthorization: Negotiate x"),
  ])
  func `where anybody may read, whatever else is asked needs leave`(
    _ method: String, _ target: String, _ field: String
  ) throws {
    let site = try anybodysSite()
    let answer = try site.site.request(method, target, field.isEmpty ? [] : [field])
    // A slash within a component names nothing that anybody could be allowed.
    #expect(answer.status == (target.contains("%2f") ? 404 : 403))
    #expect(site.asked.values.count == (target.contains("%2f") ? 0 : 1))
  }

  /// A site whose authenticator lets anybody read and refuses all that it is asked.
  private func anybodysSite() throws -> (site: Site, asked: Recorder<String>) {
    let asked = Recorder<String>()
    let site = try Site {
      $0.authenticator = Authenticator { request in
        asked.append(request.pathText)
        return .forbid
      }
      $0.authenticator?.letsAnybodyRead = true
      $0.responders = [Responder(under: "/api") { _ in HTTPResponse(text: "api") }]
    }
    for name in ["f", "t/f", "tt/f", "T/f", ".git/f"] { try site.folder.write("f", to: name) }
    return (site, asked)
  }

  @Test func `the log does not name a user for requests that were nobody's`() throws {
    let log = LineCollector()
    let site = try site {
      $0.accessLog = .sink(AccessLogSink(log.add))
      $0.accessLogFormat = .common
      $0.authenticator?.letsAnybodyRead = true
    }
    let client = try site.connect()
    #expect(try client.request("GET", "/other", ["Authorization: Bearer good"]).status == 200)
    #expect(try client.request("GET", "/other").status == 200)
    #expect(try client.request("GET", "/other", ["Authorization: Bearer good"]).status == 200)
    try client.send("nonsense\r\n\r\n")
    #expect(try client.response().status == 400)
    site.server.stop()
    let users = log.lines.map { $0.split(separator: " ")[2] }
    #expect(users == ["some\\x20one", "-", "some\\x20one", "-"])
  }

  @Test func `a body is not asked for, nor waited for`() throws {
    let site = try site()
    let client = try site.connect()
    try client.send(
      "PUT /other HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n")
    let response = try client.response()

    #expect(response.status == 401)
    #expect(response["connection"] == "close")
  }

  @Test func `a token in the path is taken off, query and all else left`() throws {
    let site = try site()
    let client = try site.connect()

    #expect(try client.request("GET", "/t/secret/other").text == "other")
    #expect(try client.request("GET", "/t/secret/folder/a%20b").text == "folder/a b")
    #expect(try client.request("GET", "/t/secret/folder/?format=json").text.contains("\"a b\""))
    #expect(try client.request("GET", "/t/secret/folder")["location"] == "folder/")
    let tag = try #require(try client.request("HEAD", "/t/secret/other")["etag"])
    #expect(try client.request("GET", "/t/secret/other", ["If-None-Match: \(tag)"]).status == 304)
    #expect(try client.request("GET", "/t/wrong/other").status == 401)
  }

  @Test func `responders and uploads are behind it, too`() throws {
    let site = try site {
      $0.responders = [Responder(under: "/api") { HTTPResponse(text: $0.pathText) }]
      $0.uploads = [UploadRoute(under: "/up", limit: 10) { _ in .refuse(HTTPResponse(418)) }]
    }
    #expect(try site.request("/api").status == 401)
    #expect(try site.request("PUT", "/up").status == 401)
    #expect(try site.request("/t/secret/api/x").text == "/api/x")
    #expect(try site.request("PUT", "/t/secret/up").status == 418)
  }

  @Test func `whoever is to wait is told how long`() throws {
    let site = try Site { $0.authenticator = Authenticator { _ in .wait(seconds: 7) } }
    let response = try site.request("/")
    #expect(response.status == 429)
    #expect(response["retry-after"] == "7")
  }

  @Test func `a responder and an upload learn who it is`() throws {
    let site = try site {
      $0.responders = [Responder(under: "/api") { HTTPResponse(text: $0.user ?? "nobody") }]
      $0.uploads = [
        UploadRoute(under: "/up", limit: 10) { .refuse(HTTPResponse(418, text: $0.user ?? "")) }
      ]
    }
    #expect(try site.request("/t/secret/api").text == "me")
    #expect(try site.request("/api", ["Authorization: Bearer good"]).text == "some one")
    #expect(try site.request("PUT", "/t/secret/up").text == "me")
  }

  /// A site whose authenticator takes its time until `gate` is opened.
  private func deliberatingSite(
    _ gate: DispatchSemaphore,
    _ configure: (inout ServerConfiguration) -> Void = { _ in }
  ) throws -> Site {
    let site = try Site {
      $0.authenticator = Authenticator(
        { $0.path.starts(with: "/quick".utf8) ? .allow() : nil },
        orDeliberate: { request in
          gate.wait()
          if request.path.starts(with: "/t/secret/".utf8) {
            return .rewrite(path: Array(request.path.dropFirst("/t/secret".utf8.count)), user: "me")
          }
          return request["authorization"] == nil ? .challenge("Basic") : .allow(user: "me")
        })
      $0.uploads = [
        UploadRoute(under: "/up", limit: 10) { .refuse(HTTPResponse(418, text: $0.user ?? "")) }
      ]
      configure(&$0)
    }
    for name in ["quick", "slow"] { try site.folder.write(name, to: name) }
    return site
  }

  @Test func `nobody else waits while it is deliberated`() throws {
    let gate = DispatchSemaphore(value: 0)
    let site = try deliberatingSite(gate)
    let client = try site.connect()
    try client.send("GET /slow HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\n\r\n")
    // What follows waits behind it.
    try client.send("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n")

    #expect(try site.request("/quick").text == "quick")
    gate.signal()
    #expect(try client.response().text == "slow")
    #expect(try client.response().text == "quick")
  }

  @Test func `whatever comes of it is done`() throws {
    let gate = DispatchSemaphore(value: 0)
    for _ in 0..<4 { gate.signal() }
    let site = try deliberatingSite(gate)
    #expect(try site.request("/slow").status == 401)
    #expect(try site.request("/t/secret/slow").text == "slow")
    #expect(try site.request("PUT", "/up", ["Authorization: x"]).text == "me")
    let closing = try site.request("/slow", ["Authorization: x", "Connection: close"])
    #expect(closing["connection"] == "close")
  }

  @Test func `a body that is there already is not taken for a request`() throws {
    let gate = DispatchSemaphore(value: 0)
    let site = try deliberatingSite(gate)
    let client = try site.connect()
    let body = "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"
    try client.send(
      "GET /slow HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nContent-Length: \(body.utf8.count)\r\n"
        + "\r\n\(body)" + "GET /quick HTTP/1.1\r\nHost: b\r\n\r\n")
    gate.signal()
    #expect(try client.response().text == "slow")
    #expect(try client.response().text == "quick")
    #expect(try !client.waitsForInput(milliseconds: 1))
  }

  @Test func `a client that goes away meanwhile does no harm`() throws {
    let gate = DispatchSemaphore(value: 0)
    let site = try deliberatingSite(gate)
    do {
      let client = try site.connect()
      try client.send("GET /slow HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\n\r\n")
    }
    gate.signal()
    #expect(try site.request("/quick").text == "quick")
  }

  @Test func `a challenge cannot split the response`() throws {
    let site = try Site {
      $0.authenticator = Authenticator { _ in .challenge("Basic\r\nSet-Cookie: a=b") }
    }
    #expect(try site.request("/").status == 500)
  }

  @Test func `the log names the user and no token`() throws {
    let log = LineCollector()
    let site = try site {
      $0.accessLog = .sink(AccessLogSink(log.add))
      $0.accessLogFormat = .common
    }
    _ = try site.request("/t/secret/other")
    _ = try site.request("/other", ["Authorization: Bearer good"])
    _ = try site.request("/open")
    site.server.stop()

    let users = log.lines.map { $0.split(separator: " ")[2] }
    #expect(users == ["me", "some\\x20one", "-"])
    #expect(!log.lines.joined().contains("secret"))
  }
}

/// Keeps what an access log says.
final class LineCollector: Sendable {
  private let text = Mutex<[UInt8]>([])

  func add(_ lines: [UInt8]) {
    text.withLock { $0 += lines }
  }

  var lines: [String] {
    String(decoding: text.withLock { $0 }, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
