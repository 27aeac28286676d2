import ChannelHTTP
import Support
import Testing

@Suite struct RateLimitTests {
  @Test(
    arguments: [
      ("50", 50, 50), ("50/s", 50, 50), ("120/m", 2, 2), ("3600/h:7", 1, 7), ("1/m", 1 / 60, 1),
      ("10:100", 10, 100), ("10/s:100", 10, 100),
    ] as [(String, Double, Int)])
  func `a limit is read as operators write it`(
    _ text: String, _ perSecond: Double, _ burst: Int
  ) throws {
    #expect(try #require(RateLimit(text)) == RateLimit(perSecond: perSecond, burst: burst))
  }

  @Test(arguments: [
    "", "0", "-1", "x", "1/", "1/d", "1/s:", "1/s:0", "1/s:x", "1:2:3", "1/s/s", "1.5", "1 /s",
    "9999999999999999999",
  ])
  func `what is no limit is refused`(_ text: String) {
    #expect(RateLimit(text) == nil)
  }

  private func site(_ limit: RateLimit, threads: Int = 1) throws -> Site {
    let site = try Site {
      $0.rateLimit = limit
      $0.rateLimit?.exemptPaths = ["/health"]
      $0.trustedProxies = [TrustedProxy("127.0.0.1")].compactMap(\.self)
      $0.threads = threads
      $0.responders = [Responder(under: "/health") { _ in HTTPResponse(text: "well") }]
    }
    try site.folder.write("x", to: "f")
    return site
  }

  /// Slow enough for no test to see an allowance grow.
  private static let slow = RateLimit(perSecond: 1 / 3600, burst: 3)

  @Test func `what goes beyond is answered 429 and how long to wait`() throws {
    let site = try site(Self.slow)
    let client = try site.connect()
    let statuses = try (0..<5).map { _ in try client.request("GET", "/f").status }
    let refused = try client.request("GET", "/f")
    let seconds = try #require(refused["retry-after"].flatMap { Int($0) })

    #expect(statuses == [200, 200, 200, 429, 429])
    #expect(refused.text == "429 Too Many Requests\n")
    #expect((1...3600).contains(seconds))
  }

  @Test func `the limit is one for all connections and loops`() throws {
    let site = try site(Self.slow, threads: 4)
    let statuses = try (0..<20).map { _ in try site.request("/f").status }

    #expect(statuses == [200, 200, 200] + [Int](repeating: 429, count: 17))
  }

  @Test func `health checks do not count`() throws {
    let site = try site(Self.slow)
    for _ in 0..<10 { #expect(try site.request("/health").status == 200) }
    for _ in 0..<4 { _ = try site.request("/f") }

    #expect(try site.request("/f").status == 429)
    #expect(try site.request("/health").status == 200)
  }

  @Test
  func `clients behind a proxy have a limit each, and those of one IPv6 network one together`()
    throws
  {
    let site = try site(RateLimit(perSecond: 1 / 3600, burst: 1))
    let client = try site.connect()
    let statuses = try [
      "192.0.2.1", "192.0.2.2", "192.0.2.1", "2001:db8::1", "2001:db8::ffff:0:0:2",
      "2001:db8:0:1::1",
    ].map { try client.request("GET", "/f", ["X-Forwarded-For: \($0)"]).status }

    #expect(statuses == [200, 200, 429, 200, 429, 200])
  }

  @Test func `a body that comes with a request too many is no request`() throws {
    let site = try site(RateLimit(perSecond: 1 / 3600, burst: 1))
    let client = try site.connect()
    _ = try client.request("GET", "/f")
    try client.send(
      "POST /f HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\nGET /f HTTP/1.1\r\nHost: a\r\n\r\n")
    let response = try client.response()

    #expect(response.status == 429 && response["connection"] == "close")
    #expect(try client.isClosedByServer())
  }

  @Test func `refusals are counted`() throws {
    let metrics = ServerMetrics()
    let site = try Site {
      $0.rateLimit = Self.slow
      $0.metrics = metrics
    }
    for _ in 0..<5 { _ = try site.request("/") }
    site.server.stop()
    var text = MetricsText()
    metrics.write(to: &text)
    let read = try PrometheusText(String(decoding: text.bytes, as: UTF8.self))

    #expect(try read.value("channel_http_rate_limited_total") == 2)
  }

  private func address(_ text: String) -> IPAddress? { IPAddress(Array(text.utf8).span) }

  private static let second: Int64 = 1_000_000_000

  @Test func `an allowance grows back at its rate, up to the burst`() throws {
    let limiter = RateLimiter(RateLimit(perSecond: 2, burst: 4))
    let client = try #require(address("192.0.2.1"))
    func admitted(at time: Double) -> Int {
      (0..<20).count { _ in
        limiter.wait(for: client, now: Int64(time * Double(Self.second))) == nil
      }
    }

    #expect(admitted(at: 1) == 4)
    #expect(admitted(at: 1.4) == 0)
    #expect(admitted(at: 1.5) == 1)
    #expect(admitted(at: 2.5) == 2)
    #expect(admitted(at: 1000) == 4)
    #expect(limiter.wait(for: client, now: 1000 * Self.second) == 1)
  }

  @Test func `any number of clients finds room, and newcomers are never refused`() throws {
    let limiter = RateLimiter(RateLimit(perSecond: 1, burst: 1))
    for number in 0..<300_000 {
      let text = "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)"
      let client = try #require(address(text))
      #expect(limiter.wait(for: client, now: Self.second) == nil)
    }
  }
}
