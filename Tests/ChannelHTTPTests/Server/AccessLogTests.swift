import ChannelHTTP
import ChannelSystem
import Foundation
import Support
import SystemPackage
import Testing

@Suite struct AccessLogTests {
  private let logs: TemporaryDirectory

  init() throws {
    logs = try TemporaryDirectory()
  }

  /// The lines that some requests leave behind.
  private func lines(
    _ format: AccessLogFormat, _ visit: (Site) throws -> Void
  ) throws -> [String] {
    let path = logs.path.appending("access.log").string
    let site = try Site {
      $0.accessLog = .file(path)
      $0.accessLogFormat = format
    }
    try site.folder.write("hello", to: "f")
    try site.folder.write([UInt8](repeating: 0, count: 100_000), to: "large")
    try visit(site)
    site.server.stop()
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test func `the combined format names client, time, request, status, size and agent`() throws {
    let lines = try lines(.combined) { site in
      _ = try site.request("/f?q", ["User-Agent: conda/1", "Referer: http://a/"])
      _ = try site.request("HEAD", "/f")
      _ = try site.request("/large")
      _ = try site.request("/none")
    }
    let pattern = #/127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] /#

    #expect(lines.allSatisfy { $0.prefixMatch(of: pattern) != nil })
    #expect(
      lines.map { $0.replacing(pattern, with: "") } == [
        "\"GET /f?q HTTP/1.1\" 200 5 \"http://a/\" \"conda/1\"",
        "\"HEAD /f HTTP/1.1\" 200 0 \"-\" \"-\"",
        "\"GET /large HTTP/1.1\" 200 100000 \"-\" \"-\"",
        "\"GET /none HTTP/1.1\" 404 14 \"-\" \"-\"",
      ])
  }

  @Test func `the common format ends with the size`() throws {
    let lines = try lines(.common) { _ = try $0.request("/f", ["User-Agent: x"]) }

    #expect(lines.count == 1)
    #expect(lines[0].hasSuffix("\"GET /f HTTP/1.1\" 200 5"))
  }

  @Test func `the JSON format is an object a line`() throws {
    let lines = try lines(.json) {
      _ = try $0.request("/f\"\\é", ["User-Agent: a\"b\\c\u{e9}\td"])
    }
    let object = try #require(
      lines.first.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) }
        as? [String: Any])

    #expect(object["method"] as? String == "GET")
    #expect(object["status"] as? Int == 404)
    #expect(object["client"] as? String == "127.0.0.1")
    #expect((object["agent"] as? String)?.hasPrefix("a\"b\\c") == true)
  }

  @Test func `nothing that a client sends can forge a line or drive a terminal`() throws {
    let lines = try lines(.combined) { site in
      _ = try site.request("/a%0d%0ab\"", ["User-Agent: x\" 200 5 \"\u{9b}31m\t"])
      let client = try site.connect()
      try client.send("GET /\u{1b}[31m HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try client.responseHead()
    }

    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } })
    #expect(lines[0].contains("\"GET /a%0d%0ab\\x22 HTTP/1.1\" 404 14"))
    #expect(lines[0].contains("\"x\\x22 200 5 \\x22"))
    #expect(lines[1].contains("\" 400 "))
  }

  @Test func `tokens in paths are not written down`() throws {
    let lines = try lines(.common) {
      _ = try $0.request("/t/my-secret/noarch/repodata.json")
      _ = try $0.request("/t/my-secret")
    }

    #expect(lines.allSatisfy { !$0.contains("secret") })
    #expect(lines[0].contains("GET /t/***/noarch/repodata.json HTTP/1.1"))
  }

  @Test(arguments: [
    ("/t//s3cret/a", "/t//***/a"), ("/a/t/s3cret", "/a/t/***"), ("/%74/s3cret/a", "/%74/***/a"),
    ("/t/./s3cret/a", "/t/./***/a"), ("/t/%2E/s3cret", "/t/%2E/***"),
    ("/t/s3cret?x=1", "/t/***?x=1"),
    ("/t/s3cret/t/s3cret/", "/t/***/t/***/"), ("/t", "/t"), ("/t/", "/t/"), ("/at/b", "/at/b"),
    ("/?token=s3cret", "/?token=***"), ("/a?x=1&API_Key=s3cret;y=2", "/a?x=1&API_Key=***;y=2"),
    ("/?%74oken=s3cret&sort=size", "/?%74oken=***&sort=size"), ("/?token=&a=b", "/?token=&a=b"),
    ("/?X-Amz-Signature=s3cret&force=true", "/?X-Amz-Signature=***&force=true"),
    ("http://me:s3cret@host/a?b", "http://***@host/a?b"),
    ("http://me:s3@cret@host:80", "http://***@host:80"), ("http://host/a@b", "http://host/a@b"),
    ("/?sort=size&sha256=00", "/?sort=size&sha256=00"), ("/a//b@c/", "/a//b@c/"),
  ])
  func `secrets in URLs are not written down`(_ url: String, _ written: String) throws {
    let lines = try lines(.combined) { site in
      let client = try site.connect()
      try client.send("GET \(url) HTTP/1.1\r\nHost: a\r\nReferer: \(url)\r\n\r\n")
      _ = try client.responseHead()
      _ = try site.request("/", ["Referer: \(url)"])
    }

    #expect(lines[0].contains("\"GET \(written) HTTP/1.1\""))
    #expect(lines[1].contains(" \"\(written)\" "))
  }

  @Test func `what was to be expected to be missing is marked in JSON`() throws {
    let lines = Recorder<String>()
    let metrics = ServerMetrics()
    let site = try Site {
      $0.expectedMisses = ["repodata.json.bz2", "robots.txt"]
      $0.accessLogFormat = .json
      $0.accessLog = .sink(AccessLogSink { lines.append(String(decoding: $0, as: UTF8.self)) })
      $0.metrics = metrics
    }
    try site.folder.write("x", to: "robots.txt")
    for path in ["/noarch/repodata.json.bz2", "/arepodata.json.bz2", "/robots.txt", "/other"] {
      _ = try site.request(path)
    }
    site.server.stop()
    let marked = lines.values.joined().split(separator: "\n").map {
      $0.hasSuffix(",\"expected\":true}")
    }
    var text = MetricsText()
    metrics.write(to: &text)
    let read = try PrometheusText(String(decoding: text.bytes, as: UTF8.self))

    #expect(marked == [true, false, false, false])
    #expect(try read.value("channel_http_expected_misses_total") == 1)
  }

  @Test func `a response that breaks off is noted with what was sent`() throws {
    let lines = try lines(.common) { site in
      try site.folder.write([UInt8](repeating: 0, count: 20_000_000), to: "huge")
      let client = try site.connect(receiveBuffer: 4096)
      try client.send("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try client.responseHead()
    }
    let sent = lines.first?.split(separator: " ").last.flatMap { Int($0) }

    #expect(sent.map { (1..<20_000_000).contains($0) } == true)
  }

  @Test func `requests that time out or break off are noted for what they are`() throws {
    let path = logs.path.appending("timeout.log").string
    let site = try Site {
      $0.accessLog = .file(path)
      $0.limits.headTimeout = .milliseconds(200)
      $0.limits.bodyTimeout = .milliseconds(200)
    }
    // The last head that was parsed is another connection's.
    _ = try site.request("HEAD", "/a/long/path/that/is/somebody/elses")
    for text in [
      "GET /half", "POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
      "POST /two HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
      let client = try site.connect()
      try client.send(text)
      _ = try site.request("HEAD", "/a/long/path/that/is/somebody/elses")
      if text.hasSuffix("chunked\r\n\r\n") { try client.send("x\r\n") }
      #expect(try [400, 408].contains(client.response().status))
    }
    site.server.stop()
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .filter { !$0.contains("elses") }

    #expect(lines.count == 3)
    #expect(lines[0].contains("\"-\" 408"))
    #expect(lines[1].contains("\"POST /one HTTP/1.1\" 408"))
    #expect(lines[2].contains("\"POST /two HTTP/1.1\" 400"))
  }

  @Test func `a log that is moved away goes on in a new file`() throws {
    let path = logs.path.appending("rotated.log").string
    let site = try Site { $0.accessLog = .file(path) }
    _ = try site.request("/before")
    let first = logs.path.appending("rotated.log")
    while try FileStatus(of: first).size == 0 {}
    try logs.rename("rotated.log", to: "rotated.log.1")
    _ = try site.request("/after")
    site.server.stop()

    #expect(try String(contentsOfFile: path + ".1", encoding: .utf8).contains("/before"))
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("/after"))
  }

  @Test func `a log that cannot be written is refused at the start`() {
    #expect(throws: ServerError.self) {
      try Site { $0.accessLog = .file("/nowhere/at/all.log") }
    }
  }
}
