import ChannelHTTP
import Support
import Testing

@Suite struct LimitTests {
  @Test func `the connection that has been idle longest makes room for a new one`() throws {
    let site = try Site { $0.limits.connections = 3 }
    try site.folder.write("x", to: "f")
    let clients = try (0..<3).map { _ in try site.connect() }
    for client in clients { _ = try client.request("GET", "/f") }
    _ = try clients[0].request("GET", "/f")

    #expect(try site.request("/f").text == "x")
    #expect(try clients[1].isClosedByServer())
    #expect(try clients[0].request("GET", "/f").text == "x")
    #expect(try clients[2].request("GET", "/f").text == "x")
  }

  @Test func `a connection too many is refused when none is idle`() throws {
    let site = try Site { $0.limits.connections = 2 }
    try site.folder.write([UInt8](repeating: 0, count: 20_000_000), to: "large")
    let busy = try (0..<2).map { _ in
      let client = try site.connect(receiveBuffer: 4096)
      try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
      return client
    }
    for client in busy { _ = try client.responseHead() }
    let response = try site.request("/")

    #expect(response.status == 503)
    #expect(response["connection"] == "close")
  }

  @Test func `idle connections of any loop make room`() throws {
    let site = try Site {
      $0.threads = 4
      $0.limits.connections = 8
    }
    try site.folder.write("x", to: "f")
    let idle = try (0..<8).map { _ in try site.connect() }
    for client in idle { _ = try client.request("GET", "/f") }
    let busy = try (0..<40).map { _ in
      let client = try site.connect()
      #expect(try client.request("GET", "/f").text == "x")
      return client
    }

    withExtendedLifetime(busy) {}
    #expect(try idle[0].isClosedByServer())
  }

  @Test func `hundreds of idle and stalled clients leave the others alone`() throws {
    let site = try Site()
    try site.folder.write("x", to: "f")
    try site.folder.write([UInt8](repeating: 0, count: 8_000_000), to: "large")
    let idle = try (0..<200).map { _ in try site.connect() }
    for client in idle { _ = try client.request("GET", "/f") }
    let stalled = try (0..<50).map { _ in try site.connect(receiveBuffer: 4096) }
    for client in stalled { try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n") }
    let partial = try (0..<50).map { _ in try site.connect() }
    for client in partial { try client.send("GET /") }

    for _ in 0..<20 { #expect(try site.request("/f").text == "x") }
    for client in idle { #expect(try client.request("GET", "/f").text == "x") }
    withExtendedLifetime((stalled, partial)) {}
  }
}
