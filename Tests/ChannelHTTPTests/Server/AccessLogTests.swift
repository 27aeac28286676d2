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
