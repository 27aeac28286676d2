import ChannelHTTP
import ChannelSystem
import Glibc
import Support
import SystemPackage
import Testing

/// Where a server takes connections.
@Suite struct ListenTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    try folder.write("x", to: "f")
  }

  private var socket: FilePath { folder.path.appending("s.sock") }

  private func serve(
    _ listeners: ListenAddress..., threads: Int = 2
  ) throws -> HTTPServer {
    var configuration = ServerConfiguration(root: folder.path.string)
    configuration.listeners = listeners
    configuration.threads = threads
    return try HTTPServer(configuration)
  }

  private func reason(_ listeners: ListenAddress...) -> String {
    let error = #expect(throws: ServerError.self) {
      var configuration = ServerConfiguration(root: folder.path.string)
      configuration.listeners = listeners
      _ = try HTTPServer(configuration)
    }
    return error.map { "\($0)" } ?? ""
  }

  @Test func `several addresses lead to one server`() throws {
    let server = try serve(
      .tcp(host: "127.0.0.1", port: 0), .tcp(host: "::1", port: 0), .unix(path: socket.string))
    defer { server.stop() }
    let ports = server.addresses.map {
      if case .tcp(_, let port) = $0 { port } else { UInt16(0) }
    }
    #expect(server.port == ports[0] && ports[0] > 0 && ports[1] > 0)
    #expect(try HTTPClient(port: ports[0]).request("GET", "/f").text == "x")
    #expect(try HTTPClient(portOfIPv6: ports[1]).request("GET", "/f").text == "x")
    #expect(try HTTPClient(path: socket).request("GET", "/f").text == "x")
  }

  @Test func `all loops take connections from one socket in the file system`() throws {
    let server = try serve(.unix(path: socket.string), threads: 4)
    defer { server.stop() }
    let clients = try (0..<64).map { _ in try HTTPClient(path: socket) }
    for client in clients { try client.send("GET /f HTTP/1.1\r\nHost: a\r\n\r\n") }
    #expect(try clients.allSatisfy { try $0.response().text == "x" })
    #expect(server.url == "http://unix:\(socket.string):/")
    #expect(server.port == 0)
  }

  @Test func `a socket is gone with its server, and may be had again`() throws {
    try serve(.unix(path: socket.string)).stop()
    #expect(!socket.exists)
    let server = try serve(.unix(path: socket.string))
    #expect(try HTTPClient(path: socket).request("GET", "/f").text == "x")
    server.stop()
  }

  @Test(arguments: [0o600, 0o666] as [UInt32])
  func `the mode says who may connect`(mode: UInt32) throws {
    let server = try serve(.unix(path: socket.string, mode: mode))
    defer { server.stop() }
    #expect(try FileStatus.permissions(of: socket).rawValue == mode_t(mode))
  }

  @Test func `a socket that somebody left behind is replaced`() throws {
    // Listening ends with the descriptor, and the file stays.
    try leaveSocketBehind()
    #expect(socket.exists)
    let server = try serve(.unix(path: socket.string))
    defer { server.stop() }
    #expect(try HTTPClient(path: socket).request("GET", "/f").text == "x")
  }

  private func leaveSocketBehind() throws {
    let raw = try systemCall { Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0) }
    let descriptor = Descriptor(owning: raw)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.string.utf8) }
    try withUnsafePointer(to: address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        _ = try systemCall {
          bind(descriptor.raw.rawValue, name, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    }
  }

  @Test func `a socket that somebody listens on is left to them`() throws {
    let server = try serve(.unix(path: socket.string))
    defer { server.stop() }
    #expect(reason(.unix(path: socket.string)) == "unix:\(socket): Address already in use")
    #expect(try HTTPClient(path: socket).request("GET", "/f").text == "x")
  }

  @Test func `a file that is no socket is never replaced`() throws {
    try socket.write("mine")
    #expect(reason(.unix(path: socket.string)).hasSuffix("there is a file of another kind"))
    #expect(try socket.readText() == "mine")
  }

  @Test func `a server takes only its own socket with it`() throws {
    let first = try serve(.unix(path: socket.string))
    try socket.removeRecursively()
    let second = try serve(.unix(path: socket.string))
    first.stop()
    #expect(try HTTPClient(path: socket).request("GET", "/f").text == "x")
    second.stop()
    #expect(!socket.exists)
  }

  @Test func `a path too long for a socket is refused with what is allowed`() throws {
    let path = folder.path.appending(String(repeating: "s", count: 120)).string
    #expect(reason(.unix(path: path)).hasSuffix("a socket's path has at most 103 bytes"))
  }

  @Test func `who comes through the file system is noted as such`() throws {
    let lines = Recorder<[UInt8]>()
    var configuration = ServerConfiguration(root: folder.path.string)
    configuration.listeners = [.unix(path: socket.string)]
    configuration.accessLog = .sink(AccessLogSink { lines.append($0) })
    let server = try HTTPServer(configuration)
    _ = try HTTPClient(path: socket).request("GET", "/f")
    server.stop()
    #expect(lines.values.first?.starts(with: "unix: - - [".utf8) == true)
  }

  @Test func `a socket that listens already is taken over`() throws {
    let raw = try systemCall { Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0) }
    _ = try systemCall { listen(raw, 16) }
    let server = try serve(.inherited(descriptor: raw), threads: 3)
    defer { server.stop() }
    #expect(server.url == "http://localhost:\(server.port)/")
    let clients = try (0..<32).map { _ in try HTTPClient(port: server.port) }
    #expect(try clients.allSatisfy { try $0.request("GET", "/f").text == "x" })
  }

  @Test func `what does not listen is not taken over`() throws {
    let raw = try systemCall { Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0) }
    let descriptor = Descriptor(owning: raw)
    #expect(
      reason(.inherited(descriptor: descriptor.raw.rawValue)).contains("is not a listening socket"))
  }

  @Test func `a server without an address is refused`() {
    #expect(reason() == "listeners: there is no address to listen on")
  }

  @Test func `addresses read as they are written`() {
    #expect("\(ListenAddress.tcp(host: "::1", port: 80))" == "[::1]:80")
    #expect("\(ListenAddress.tcp(host: nil, port: 80))" == "*:80")
    #expect("\(ListenAddress.unix(path: "/run/s"))" == "unix:/run/s")
  }
}
