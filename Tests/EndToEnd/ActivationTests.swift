import ChannelSystem
import Foundation
import Support
import SystemPackage
import Testing

/// How `channel-server` gets on with whoever starts it as a service.
@Suite struct ActivationTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory("f").write("x")
  }

  /// A shell that passes its standard input on as the first of the service's sockets.
  private static let activator = [
    "sh", "-c", #"exec env LISTEN_FDS=1 LISTEN_PID="$$" "$@" 3<&0 0</dev/null"#, "sh",
  ]

  /// A socket of the loopback address that listens, and its port.
  private func listeningSocket() throws -> (file: FileHandle, port: UInt16) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let raw = try systemCall { socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0) }
    try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        _ = try systemCall { bind(raw, name, length) }
        _ = try systemCall { listen(raw, 64) }
        _ = try systemCall { getsockname(raw, name, &length) }
      }
    }
    return (
      FileHandle(fileDescriptor: raw, closeOnDealloc: true), UInt16(bigEndian: address.sin_port)
    )
  }

  @Test func `a socket that is passed on is served, and no other`() async throws {
    let (socket, port) = try listeningSocket()
    // Asked before anybody is there to answer.
    let early = try HTTPClient(port: port)
    try early.send("GET /f HTTP/1.1\r\nHost: a\r\n\r\n")
    let server = try RunningServer(
      [directory.path.string], by: Self.activator, input: socket)
    #expect(server.url == "http://127.0.0.1:\(port)/")
    #expect(try early.response().text == "x")
    #expect(try await Curl.get(server.url + "f").body == "x")
    #expect(await server.stop() == 0)
  }

  @Test func `no connection is refused from one server to the next on a socket`() async throws {
    let (socket, port) = try listeningSocket()
    let first = try RunningServer([directory.path.string], by: Self.activator, input: socket)
    #expect(await first.stop() == 0)
    let between = try HTTPClient(port: port)
    try between.send("GET /f HTTP/1.1\r\nHost: a\r\n\r\n")
    let second = try RunningServer([directory.path.string], by: Self.activator, input: socket)
    #expect(try between.response().text == "x")
    #expect(await second.stop() == 0)
  }

  @Test func `what is meant for another process is not taken`() async throws {
    let server = try RunningServer(
      [directory.path.string, "--host", "127.0.0.1", "--port", "0"],
      by: ["LISTEN_FDS=1", "LISTEN_PID=1"])
    #expect(try await Curl.get(server.url + "f").body == "x")
  }

  @Test func `a descriptor that does not listen is named in one line`() async throws {
    let run = try await Command.run(
      "env",
      Self.activator + [Command.built("channel-server"), directory.path.string])
    #expect(run.status == 1)
    #expect(
      run.errors == "channel-server: error: descriptor 3: is not a listening socket: "
        + "Socket operation on non-socket\n")
  }

  @Test func `the service manager learns when the server is ready and when it stops`()
    async throws
  {
    let manager = try NotifySocket(directory("notify"))
    let server = try RunningServer(
      [directory.path.string, "--host", "127.0.0.1", "--port", "0"],
      by: ["NOTIFY_SOCKET=\(directory("notify"))"])
    #expect(try manager.message().hasPrefix("READY=1\nSTATUS=serving at \(server.url)"))
    #expect(await server.stop() == 0)
    #expect(try manager.message() == "STOPPING=1")
  }
}
