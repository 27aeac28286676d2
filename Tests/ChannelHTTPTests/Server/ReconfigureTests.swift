import ChannelHTTP
import Dispatch
import Support
import Synchronization
import SystemPackage
import Testing

/// Another configuration for a server that runs.
@Suite struct ReconfigureTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    for name in ["one", "two"] { try folder.write(name, to: "\(name)/f") }
  }

  private func configuration(_ root: String, at path: String = "/") -> ServerConfiguration {
    var configuration = ServerConfiguration(mounts: [Mount(path, root: folder(root).string)])
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.threads = 2
    return configuration
  }

  private var socket: FilePath { folder("s.sock") }

  @Test func `a connection that stays open sees the folder of the new configuration`() throws {
    let server = try HTTPServer(configuration("one"))
    let client = try HTTPClient(port: server.port)
    #expect(try client.request("GET", "/f").text == "one")
    try server.reconfigure(configuration("two"))
    #expect(try client.request("GET", "/f").text == "two")
    try server.reconfigure(configuration("two", at: "/there"))
    #expect(try client.request("GET", "/f").status == 404)
    #expect(try client.request("GET", "/there/f").text == "two")
    #expect(server.url.hasSuffix("/there/"))
  }

  @Test func `a socket that both configurations listen on is never closed`() throws {
    let server = try HTTPServer(configuration("one"))
    let port = server.port
    let waiting = try HTTPClient(port: port)
    try server.reconfigure(configuration("two"))
    #expect(server.port == port)
    #expect(try waiting.request("GET", "/f").text == "two")
    #expect(try HTTPClient(port: port).request("GET", "/f").text == "two")
  }

  @Test func `addresses come and go, and whoever is connected stays`() throws {
    var changed = configuration("one")
    let server = try HTTPServer(changed)
    let port = server.port
    let client = try HTTPClient(port: port)
    _ = try client.request("GET", "/f")
    changed.listeners = [.unix(path: socket.string)]
    try server.reconfigure(changed)
    #expect(server.addresses == [.unix(path: socket.string)])
    #expect(try HTTPClient(path: socket).request("GET", "/f").text == "one")
    #expect(try client.request("GET", "/f").text == "one")
    #expect(throws: Errno.self) { try HTTPClient(port: port) }
    try server.reconfigure(configuration("one"))
    #expect(!socket.exists)
    #expect(try HTTPClient(port: server.port).request("GET", "/f").text == "one")
  }

  @Test func `whoever was connected when an address goes is still answered`() throws {
    var changed = configuration("one")
    let server = try HTTPServer(changed)
    let clients = try (0..<20).map { _ in try HTTPClient(port: server.port) }
    for client in clients { try client.send("GET /f HTTP/1.1\r\nHost: a\r\n\r\n") }
    changed.listeners = [.unix(path: socket.string)]
    try server.reconfigure(changed)
    #expect(try clients.allSatisfy { try $0.response().text == "one" })
  }

  @Test func `when the new configuration is wrong all stays as it was`() throws {
    let server = try HTTPServer(configuration("one"))
    let client = try HTTPClient(port: server.port)
    var wrong = [configuration("none"), configuration("two", at: "/.hidden")]
    for index in wrong.indices { wrong[index].listeners.append(.unix(path: socket.string)) }
    wrong.append(configuration("two"))
    wrong[2].accessLog = .file(folder("none/log").string)
    wrong.append(configuration("two"))
    wrong[3].listeners = [.unix(path: folder("one/f").string)]
    wrong.append(configuration("two"))
    wrong[4].listeners = []
    for configuration in wrong {
      #expect(throws: ServerError.self) { try server.reconfigure(configuration) }
      #expect(!socket.exists)
      #expect(try client.request("GET", "/f").text == "one")
      #expect(try HTTPClient(port: server.port).request("GET", "/f").text == "one")
    }
  }

  @Test func `what is being sent is sent to its end`() throws {
    let bytes = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try folder.write(bytes, to: "one/large")
    let server = try HTTPServer(configuration("one"))
    let client = try HTTPClient(port: server.port, receiveBuffer: 4096)
    try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    let head = try client.responseHead()
    try server.reconfigure(configuration("two"))
    #expect(try client.body(of: head) == bytes)
    #expect(try client.request("GET", "/f").text == "two")
  }

  @Test func `an answer that is being made is made again by the new configuration`() throws {
    let (isAsked, mayGoOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    var first = configuration("one")
    first.mounts[0].listingDecorator = ListingDecorator { _ in
      isAsked.signal()
      mayGoOn.wait()
      return Array("old".utf8)
    }
    let server = try HTTPServer(first)
    let client = try HTTPClient(port: server.port)
    try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    isAsked.wait()
    var second = configuration("two")
    second.mounts[0].listingDecorator = ListingDecorator { _ in Array("new".utf8) }
    try server.reconfigure(second)
    mayGoOn.signal()
    #expect(try client.response().text == "new")
  }

  @Test func `a responder that has a request answers it`() throws {
    let (isAsked, mayGoOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    var first = configuration("one")
    first.responders = [
      Responder(under: "/f", on: .pool) { _ in
        isAsked.signal()
        mayGoOn.wait()
        return HTTPResponse(text: "responder")
      }
    ]
    let server = try HTTPServer(first)
    let client = try HTTPClient(port: server.port)
    try client.send("GET /f HTTP/1.1\r\nHost: a\r\n\r\n")
    isAsked.wait()
    try server.reconfigure(configuration("two"))
    mayGoOn.signal()
    #expect(try client.response().text == "responder")
    #expect(try client.request("GET", "/f").text == "two")
  }

  @Test func `who may ask changes for connections that are open`() throws {
    let server = try HTTPServer(configuration("one"))
    let client = try HTTPClient(port: server.port)
    #expect(try client.request("GET", "/f").status == 200)
    var closed = configuration("one")
    closed.authenticator = Authenticator { request in
      request.remoteAddress == Array("127.0.0.1".utf8) ? .forbid : .allow()
    }
    try server.reconfigure(closed)
    #expect(try client.request("GET", "/f").status == 403)
    try server.reconfigure(configuration("one"))
    #expect(try client.request("GET", "/f").status == 200)
  }

  @Test func `the access log may begin, change and end`() throws {
    let (first, second) = (folder("first.log"), folder("second.log"))
    let server = try HTTPServer(configuration("one"))
    let client = try HTTPClient(port: server.port)
    _ = try client.request("GET", "/f?0")
    var logged = configuration("one")
    logged.accessLog = .file(first.string)
    try server.reconfigure(logged)
    _ = try client.request("GET", "/f?1")
    try server.reconfigure(logged)
    _ = try client.request("GET", "/f?2")
    logged.accessLog = .file(second.string)
    logged.accessLogFormat = .json
    try server.reconfigure(logged)
    _ = try client.request("GET", "/f?3")
    try server.reconfigure(configuration("one"))
    _ = try client.request("GET", "/f?4")
    server.stop()
    let lines = try first.readText().split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.hasPrefix("127.0.0.1 - - [") })
    #expect(lines.first?.contains("/f?1 ") == true && lines.last?.contains("/f?2 ") == true)
    #expect(try second.readText().contains(#""client":"127.0.0.1","method":"GET","target":"/f?3""#))
    #expect(try second.readText().split(separator: "\n").count == 1)
  }

  @Test func `limits change as well`() throws {
    let server = try HTTPServer(configuration("one"))
    let client = try HTTPClient(port: server.port)
    let target = "/f?" + String(repeating: "x", count: 1000)
    #expect(try client.request("GET", target).status == 200)
    var narrow = configuration("one")
    narrow.limits.requestLine = 500
    try server.reconfigure(narrow)
    #expect(try client.request("GET", target).status == 414)
  }

  @Test func `nobody notices while it happens again and again`() throws {
    let server = try HTTPServer(configuration("one"))
    let isOver = Atomic(false)
    let failures = Recorder<String>()
    try Self.together(4) { number in
      defer { isOver.store(true, ordering: .relaxed) }
      guard number > 0 else {
        for round in 0..<200 {
          try server.reconfigure(configuration(round % 2 == 0 ? "two" : "one"))
        }
        return
      }
      let client = try HTTPClient(port: server.port)
      while !isOver.load(ordering: .relaxed) {
        let answers = [
          try client.request("GET", "/f"), try HTTPClient(port: server.port).request("GET", "/f"),
          try client.request("GET", "/"),
        ]
        for answer in answers where answer.status != 200 { failures.append("\(answer.status)") }
        for answer in answers[..<2] where !["one", "two"].contains(answer.text) {
          failures.append(answer.text)
        }
      }
    } failing: {
      failures.append("\($0)")
    }
    #expect(failures.values == [])
  }

  /// Runs `body` on so many threads at once, and waits for all.
  private static func together(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Void,
    failing: @escaping @Sendable (any Error) -> Void
  ) throws {
    guard count > 0 else { return }
    let one = try Background {
      do { try body(count - 1) } catch { failing(error) }
    }
    try together(count - 1, body, failing: failing)
    one.wait()
  }

  @Test func `a server that has been stopped takes no configuration`() throws {
    let server = try HTTPServer(configuration("one"))
    server.stop()
    let error = #expect(throws: ServerError.self) { try server.reconfigure(configuration("two")) }
    #expect("\(error.map { "\($0)" } ?? "")" == "server: has been stopped")
  }

  @Test func `a log that was moved away is left, and all lines are in one or the other`() throws {
    let (log, old) = (folder("access.log"), folder("access.log.1"))
    var logged = configuration("one")
    logged.accessLog = .file(log.string)
    let server = try HTTPServer(logged)
    let client = try HTTPClient(port: server.port)
    for number in 0..<100 {
      if number == 50 {
        try log.rename(to: old)
        try server.reopenAccessLog()
        #expect(log.exists)
      }
      _ = try client.request("GET", "/f?\(number)")
    }
    server.stop()
    let lines = try (old.readText() + log.readText()).split(separator: "\n")
    #expect(lines.count == 100)
    #expect(try log.readText().contains("/f?99 "))
  }

  @Test func `a log that cannot be opened again is told`() throws {
    try folder("logs").createDirectories()
    var logged = configuration("one")
    logged.accessLog = .file(folder("logs/log").string)
    let server = try HTTPServer(logged)
    try folder("logs").removeRecursively()
    let error = #expect(throws: ServerError.self) { try server.reopenAccessLog() }
    #expect(error?.code == .path)
  }
}
