import ChannelHTTP
import Support
import Testing

@Suite struct ServerMetricsTests {
  private let metrics = ServerMetrics()

  private func site(_ configure: (inout ServerConfiguration) -> Void = { _ in }) throws -> Site {
    let site = try Site {
      $0.metrics = metrics
      configure(&$0)
    }
    try site.folder.write("hello", to: "f")
    return site
  }

  private func read() throws -> PrometheusText {
    var text = MetricsText()
    metrics.write(to: &text)
    return try PrometheusText(String(decoding: text.bytes, as: UTF8.self))
  }

  @Test(arguments: [
    ("GET", "/f", "GET", "2xx"), ("HEAD", "/f", "HEAD", "2xx"), ("GET", "/none", "GET", "4xx"),
    ("OPTIONS", "/f", "OPTIONS", "2xx"), ("PUT", "/f", "PUT", "4xx"),
    ("POST", "/f", "POST", "4xx"), ("DELETE", "/f", "DELETE", "4xx"),
    ("PATCH", "/f", "other", "4xx"), ("BREW", "/f", "other", "5xx"), ("GET", "/%00", "GET", "4xx"),
  ])
  func `a request is counted by its method and the class of its status`(
    _ method: String, _ path: String, _ counted: String, _ code: String
  ) throws {
    let site = try site()
    _ = try site.request(method, path)
    site.server.stop()
    let read = try read()

    #expect(
      try read.value("channel_http_requests_total", "\"\(counted)\"", "\"\(code)\"") == 1)
    #expect(try read.value("channel_http_request_duration_seconds_count") == 1)
    #expect(
      read.samples.filter { $0.key.hasPrefix("channel_http_requests_total") && $0.value > 0 }
        .count == 1)
  }

  @Test func `what is no HTTP is a request of another method that failed`() throws {
    let site = try site()
    #expect(try site.status(ofRaw: "\u{1}\r\n\r\n") == 400)
    site.server.stop()

    #expect(try read().value("channel_http_requests_total", "\"other\"", "\"4xx\"") == 1)
  }

  @Test func `requests in one packet are counted one by one`() throws {
    let site = try site()
    let client = try site.connect()
    try client.send(String(repeating: "GET /f HTTP/1.1\r\nHost: a\r\n\r\n", count: 7))
    for _ in 0..<7 { _ = try client.response() }
    site.server.stop()

    #expect(try read().value("channel_http_requests_total", "\"GET\"", "\"2xx\"") == 7)
  }

  @Test func `every byte that is sent is counted, be it from memory or from a file`() throws {
    let site = try site()
    try site.folder.write([UInt8](repeating: 1, count: 300_000), to: "large")
    var received = 0
    for path in ["/f", "/large"] {
      let client = try site.connect()
      try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      received += try client.readToEnd().count
    }
    site.server.stop()

    #expect(received > 300_000)
    #expect(try read().value("channel_http_sent_bytes_total") == Double(received))
  }

  @Test func `connections are counted while they are open and afterwards`() throws {
    let site = try site()
    let clients = try (0..<3).map { _ in try site.connect() }
    for client in clients { _ = try client.request("GET", "/f") }
    #expect(try read().value("channel_http_connections") == 3)
    site.server.stop()
    let read = try read()

    #expect(try read.value("channel_http_connections") == 0)
    #expect(try read.value("channel_http_connections_accepted_total") == 3)
  }

  @Test func `a connection that is turned away is counted`() throws {
    let site = try site { $0.limits.connections = 1 }
    try site.folder.write([UInt8](repeating: 0, count: 20_000_000), to: "large")
    let busy = try site.connect(receiveBuffer: 4096)
    try busy.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    _ = try busy.responseHead()

    #expect(try site.request("/f").status == 503)
    #expect(try read().value("channel_http_connections_refused_total") == 1)
  }

  @Test func `the cache tells of hits, misses and what it holds`() throws {
    let site = try site()
    let client = try site.connect()
    for path in ["/f", "/f", "/f", "/none"] { _ = try client.request("GET", path) }
    let during = try read()
    #expect(try during.value("channel_http_file_cache_requests_total", "hit") == 2)
    #expect(try during.value("channel_http_file_cache_requests_total", "miss") == 2)
    #expect(try during.value("channel_http_file_cache_entries") == 2)
    site.server.stop()

    #expect(try read().value("channel_http_file_cache_entries") == 0)
  }

  @Test func `counts go on from one server to the next`() throws {
    for _ in 0..<2 {
      let site = try site { $0.threads = 2 }
      _ = try site.request("/f")
      site.server.stop()
    }

    #expect(try read().value("channel_http_requests_total", "\"GET\"", "\"2xx\"") == 2)
  }

  @Test func `a server whose requests nobody counts serves all the same`() throws {
    let site = try Site()
    try site.folder.write("hello", to: "f")
    _ = try site.request("/f")

    #expect(try read().value("channel_http_requests_total", "\"GET\"", "\"2xx\"") == 0)
  }
}
