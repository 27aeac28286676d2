import ChannelHTTP
import Support
import Testing

@Suite struct TrustedProxyTests {
  /// A server that tells who asks it, and that trusts the tests and one other network.
  private func site(trusting proxies: [String] = ["127.0.0.1", "10.0.0.0/8"]) throws -> Site {
    try Site {
      $0.trustedProxies = proxies.compactMap { TrustedProxy($0) }
      $0.responders = [
        Responder(under: "/who") { request in
          let who = String(decoding: request.remoteAddress, as: UTF8.self)
          return HTTPResponse(text: "\(who)\(request.isSecure ? " secure" : "")")
        }
      ]
    }
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("evil, 192.0.2.1", "192.0.2.1"),
    ("8.8.8.8, 192.0.2.1", "192.0.2.1"), ("192.0.2.1, 10.0.0.5", "192.0.2.1"),
    ("8.8.8.8,192.0.2.1 ,10.0.0.5,10.0.0.6", "192.0.2.1"), ("10.0.0.7, 10.0.0.8", "10.0.0.7"),
    ("192.0.2.1:4711", "192.0.2.1"), ("[2001:db8::1]:4711", "2001:db8::1"),
    ("2001:db8::1", "2001:db8::1"), ("192.0.2.1, unknown", "127.0.0.1"),
    ("192.0.2.1, unknown, 10.0.0.5", "10.0.0.5"), ("", "127.0.0.1"), ("nonsense", "127.0.0.1"),
    ("192.0.2.1, 1.2.3.4.5", "127.0.0.1"), (",,192.0.2.1,,", "192.0.2.1"),
    ("::ffff:192.0.2.1", "192.0.2.1"),
  ])
  func `X-Forwarded-For is read from its end as far as proxies are trusted`(
    _ field: String, _ who: String
  ) throws {
    #expect(try site().request("/who", ["X-Forwarded-For: \(field)"]).text == who)
  }

  @Test(arguments: [
    ("for=192.0.2.1", "192.0.2.1"), ("For=192.0.2.1;proto=https;by=10.0.0.1", "192.0.2.1 secure"),
    ("proto=HTTPS; for=\"[2001:db8::1]:4711\"", "2001:db8::1 secure"),
    ("for=8.8.8.8;proto=https, for=192.0.2.1", "192.0.2.1"),
    ("for=192.0.2.1;proto=https, for=10.0.0.5;proto=http", "192.0.2.1 secure"),
    ("for=192.0.2.1, for=_hidden", "127.0.0.1"), ("for=unknown", "127.0.0.1"),
    ("by=10.0.0.1", "127.0.0.1"), ("for=\"192.0.2.1:_port\"", "192.0.2.1"),
    ("for=8.8.8.8;host=\"a,for=9.9.9.9\", for=192.0.2.1", "192.0.2.1"),
    ("for=192.0.2.1;host=\"a\\\",for=9.9.9.9\"", "192.0.2.1"),
    ("for=8.8.8.8, \"", "127.0.0.1"), (";;for=192.0.2.1;", "192.0.2.1"),
    ("for = 192.0.2.1", "127.0.0.1"),
  ])
  func `Forwarded is read by the grammar of RFC 7239`(_ field: String, _ who: String) throws {
    #expect(try site().request("/who", ["Forwarded: \(field)"]).text == who)
  }

  @Test func `several lines are one list`() throws {
    let fields = ["X-Forwarded-For: 8.8.8.8", "X-Forwarded-For: 192.0.2.1, 10.0.0.5"]

    #expect(try site().request("/who", fields).text == "192.0.2.1")
  }

  @Test func `of two fields that disagree neither is believed, since one may be the client's`()
    throws
  {
    let site = try site()
    let forwarded = "Forwarded: for=192.0.2.1"

    #expect(
      try site.request("/who", [forwarded, "X-Forwarded-For: 192.0.2.2"]).text == "127.0.0.1")
    #expect(
      try site.request("/who", [forwarded, "X-Forwarded-For: 192.0.2.1"]).text == "192.0.2.1")
  }

  @Test(arguments: [
    ("https", "192.0.2.1 secure"), ("http", "192.0.2.1"), ("https, http", "192.0.2.1"),
    ("http, HTTPS", "192.0.2.1 secure"), ("", "192.0.2.1"),
  ])
  func `X-Forwarded-Proto says how the nearest proxy was reached`(
    _ field: String, _ who: String
  ) throws {
    let fields = ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: \(field)"]

    #expect(try site().request("/who", fields).text == who)
  }

  @Test(arguments: [[], ["10.0.0.0/8"], ["unix"]])
  func `whoever is not trusted speaks for nobody but itself`(_ proxies: [String]) throws {
    let fields = [
      "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "Forwarded: for=192.0.2.1",
    ]

    #expect(try site(trusting: proxies).request("/who", fields).text == "127.0.0.1")
  }

  @Test func `each request of a proxy's connection is somebody else's`() throws {
    let site = try site()
    let client = try site.connect()
    let asked = try ["192.0.2.1", "192.0.2.2", nil, "192.0.2.3"].map { address in
      try client.request("GET", "/who", address.map { ["X-Forwarded-For: \($0)"] } ?? []).text
    }

    #expect(asked == ["192.0.2.1", "192.0.2.2", "127.0.0.1", "192.0.2.3"])
  }

  @Test func `the access log names the client, and the proxy for what is no request`() throws {
    let lines = Recorder<String>()
    let site = try Site {
      $0.trustedProxies = [TrustedProxy("127.0.0.1")].compactMap(\.self)
      $0.accessLogFormat = .common
      $0.accessLog = .sink(
        AccessLogSink { lines.append(String(decoding: $0, as: UTF8.self)) })
    }
    let client = try site.connect()
    _ = try client.request("GET", "/", ["X-Forwarded-For: 192.0.2.1"])
    try client.send("\u{1}\r\n\r\n")
    _ = try client.response()
    site.server.stop()
    let clients = lines.values.joined().split(separator: "\n").map { $0.prefix { $0 != " " } }

    #expect(clients == ["192.0.2.1", "127.0.0.1"])
  }

  @Test(arguments: ["", "10.0.0.1/8", "localhost", "unix:", "10.0.0.0/33"])
  func `what names no proxy is refused`(_ text: String) {
    #expect(TrustedProxy(text) == nil)
  }
}
