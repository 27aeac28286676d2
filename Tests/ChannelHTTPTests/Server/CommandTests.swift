import ChannelHTTP
import Foundation
import Support
import SystemPackage
import Testing

/// The built executables, from outside.
@Suite struct CommandTests {
  /// Where the executables of this build lie: beside the one that runs the tests.
  private static let products = URL(filePath: CommandLine.arguments[0])
    .deletingLastPathComponent()

  /// A started program and what it says on standard error.
  private struct Program {
    let process = Process()
    let errors = Pipe()
    let output = Pipe()

    init(_ name: String, _ arguments: [String]) throws {
      process.executableURL = CommandTests.products.appending(path: name)
      process.arguments = arguments
      process.standardError = errors
      process.standardOutput = output
      try process.run()
    }

    /// One line of standard error, waited for.
    func line() throws -> String {
      var line: [UInt8] = []
      while let byte = try errors.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0A {
        line.append(byte)
      }
      return String(decoding: line, as: UTF8.self)
    }

    func status() -> Int32 {
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    try folder.write("x", to: "f")
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `channel-server names its address, serves, and stops when told to`(
    _ signal: Int32
  ) throws {
    let server = try Program(
      "channel-server", [folder.path.string, "--port", "0", "--mount", "/condapkg"])
    let line = try server.line()
    let match = try #require(
      line.wholeMatch(of: #/channel-server: serving .* at http://localhost:(\d+)/condapkg//#))
    let port = try #require(UInt16(match.output.1))

    #expect(try HTTPClient(port: port).request("GET", "/condapkg/f").text == "x")
    kill(server.process.processIdentifier, signal)
    #expect(server.status() == 0)
    let log = try server.output.fileHandleForReading.readToEnd() ?? Data()
    #expect(String(decoding: log, as: UTF8.self).contains("\"GET /condapkg/f HTTP/1.1\" 200 1"))
  }

  @Test func `a second signal does not wait for a reader that is stuck`() throws {
    let (server, client) = try withStuckReader("--drain-timeout", "600")
    kill(server.process.processIdentifier, SIGTERM)
    // Refused from the moment that the first is heeded.
    while (try? HTTPClient(port: client.port)) != nil {}
    kill(server.process.processIdentifier, SIGTERM)

    #expect(server.status() == 1)
  }

  @Test func `a reader that is stuck delays the end by no more than the drain timeout`() throws {
    let (server, _) = try withStuckReader("--drain-timeout", "1")
    kill(server.process.processIdentifier, SIGTERM)

    #expect(server.status() == 0)
  }

  @Test func `a log that nobody reads does not delay the end`() throws {
    let server = try Program(
      "channel-server", [folder.path.string, "--port", "0", "--drain-timeout", "1"])
    let port = try #require(try server.line().split(separator: ":").last?.dropLast())
    let client = try HTTPClient(port: try #require(UInt16(port)))
    // Many times more than the pipe holds.
    let target = "/" + String(repeating: "x", count: 4000)
    for _ in 0..<200 { _ = try client.request("GET", target) }
    kill(server.process.processIdentifier, SIGTERM)

    #expect(server.status() == 0)
  }

  @Test(arguments: [SIGHUP, SIGUSR1])
  func `signals that mean something to other servers harm nobody`(_ signal: Int32) throws {
    let (server, port) = try serve()
    defer { kill(server.process.processIdentifier, SIGKILL) }
    kill(server.process.processIdentifier, signal)

    #expect(try HTTPClient(port: port).request("GET", "/f").text == "x")
  }

  private func serve(_ options: String...) throws -> (server: Program, port: UInt16) {
    try serve(options)
  }

  private func serve(_ options: [String]) throws -> (server: Program, port: UInt16) {
    let server = try Program(
      "channel-server",
      [folder.path.string, "--port", "0", "--threads", "1", "--access-log", "off"] + options)
    let port = try #require(try server.line().split(separator: ":").last?.dropLast())
    return (server, try #require(UInt16(port)))
  }

  private func withStuckReader(
    _ options: String...
  ) throws -> (server: Program, reader: (client: HTTPClient, port: UInt16)) {
    try folder.write([UInt8](repeating: 0, count: 32_000_000), to: "large")
    let (server, port) = try serve(options)
    let client = try HTTPClient(port: port, receiveBuffer: 4096)
    try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    _ = try client.responseHead()
    return (server, (client, port))
  }

  @Test func `without a descriptor to spare files are 503 and idle connections make room`() throws {
    let (server, number) = try serve()
    defer { kill(server.process.processIdentifier, SIGKILL) }
    let client = try HTTPClient(port: number)
    _ = try client.request("GET", "/f")
    try folder.write("y", to: "other")

    try limitDescriptors(of: server, to: firstFreeDescriptor(of: server))
    #expect(try client.request("GET", "/other").status == 503)
    #expect(try HTTPClient(port: number).request("GET", "/f").text == "x")
    #expect(try client.isClosedByServer())
    try limitDescriptors(of: server, to: 64)
    #expect(try HTTPClient(port: number).request("GET", "/other").text == "y")
  }

  @Test func `connections that no descriptor is left for are turned away, and later ones served`()
    throws
  {
    let (server, number) = try serve()
    defer { kill(server.process.processIdentifier, SIGKILL) }
    let busy = try HTTPClient(port: number)
    _ = try busy.request("GET", "/f")
    try busy.send("GET /f HTTP/1.1\r\nHost: ")
    try limitDescriptors(of: server, to: firstFreeDescriptor(of: server))

    let turnedAway = try HTTPClient(port: number)
    try turnedAway.send("GET /f HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(throws: (any Error).self) { try turnedAway.response() }
    try busy.send("a\r\n\r\n")
    #expect(try busy.response().text == "x")
    try limitDescriptors(of: server, to: 64)
    #expect(try HTTPClient(port: number).request("GET", "/f").text == "x")
  }

  private func firstFreeDescriptor(of server: Program) throws -> Int {
    let directory = "/proc/\(server.process.processIdentifier)/fd"
    let taken = Set(try FileManager.default.contentsOfDirectory(atPath: directory))
    return (0...).first { !taken.contains("\($0)") } ?? 0
  }

  private func limitDescriptors(of server: Program, to count: Int) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/prlimit")
    process.arguments = [
      "--pid", "\(server.process.processIdentifier)", "--nofile=\(count):",
    ]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test func `channel-server says why it cannot start`() throws {
    let missing = try Program("channel-server", ["/nowhere/at/all", "--port", "0"])
    #expect(
      try missing.line() == "channel-server: error: /nowhere/at/all: No such file or directory")
    #expect(missing.status() == 1)

    let site = try Site()
    let taken = try Program(
      "channel-server",
      [folder.path.string, "--port", "\(site.server.port)", "--host", "127.0.0.1"])
    #expect(try taken.line().hasSuffix("\(site.server.port): Address already in use"))
    #expect(taken.status() == 1)
  }

  @Test func `the embedding example works`() throws {
    #expect(try Program("embed-server", [folder.path.string]).status() == 0)
  }
}
