import Foundation
import Support
import Synchronization
import SystemPackage
import Testing

/// A server that is told by signals to go on in another way.
@Suite struct ReloadTests {
  private let directory: TemporaryDirectory
  private let file: FilePath

  init() throws {
    directory = try TemporaryDirectory()
    file = directory("server.conf")
    for name in ["one", "two"] { try directory("\(name)/f").write(name) }
  }

  private func configure(_ name: String, _ more: String = "") throws {
    // Written beside and renamed, so that no reload finds half of it.
    let new = directory("new.conf")
    try new.write("mount = /c=\(directory(name))\nhost = 127.0.0.1\nport = 0\n\(more)\n")
    try new.rename(to: file)
  }

  private func serve(by starter: [String] = []) throws -> RunningServer {
    try configure("one")
    return try RunningServer(["--config", file.string, "--threads", "2"], by: starter)
  }

  private static let done = "the configuration was read again"

  @Test func `the configuration is followed by connections that are open, and by new ones`()
    async throws
  {
    let server = try serve()
    let client = try HTTPClient(port: server.port)
    #expect(try client.request("GET", "/c/f").text == "one")
    try configure("two", "listen = unix:\(directory("s.sock"))")
    server.send(SIGHUP)
    #expect(await server.says(Self.done))
    #expect(try client.request("GET", "/c/f").text == "two")
    #expect(try await Curl.get(server.url + "f").body == "two")
    #expect(try HTTPClient(path: directory("s.sock")).request("GET", "/c/f").text == "two")
    #expect(await server.stop() == 0)
  }

  @Test(arguments: [
    "prot = 1", "mount = /d=/nowhere/at/all", "access-log = /nowhere/log", "listen = unix:/",
    "user = no-such-user",
  ])
  func `a wrong configuration is told in one line, and the old one stays`(
    line: String
  ) async throws {
    let server = try serve()
    let client = try HTTPClient(port: server.port)
    #expect(try client.request("GET", "/c/f").text == "one")
    try configure("two", line)
    server.send(SIGHUP)
    #expect(await server.says("error: the old configuration stays: "))
    #expect(try client.request("GET", "/c/f").text == "one")
    #expect(try await Curl.get(server.url + "f").body == "one")
    try configure("two")
    server.send(SIGHUP)
    #expect(await server.says(Self.done))
    #expect(try client.request("GET", "/c/f").text == "two")
    #expect(await server.stop() == 0)
  }

  @Test func `the metrics move to another address, or stay where they are`() async throws {
    let (old, new) = (directory("old.sock"), directory("new.sock"))
    func status(_ path: FilePath) throws -> Int {
      try HTTPClient(path: path).request("GET", "/-/metrics").status
    }
    try configure("one", "metrics-listen = unix:\(old)")
    let server = try RunningServer(["--config", file.string])
    #expect(await server.says("metrics at http://unix:\(old):/-/metrics"))
    #expect(try status(old) == 200)
    try configure("two", "metrics-listen = unix:\(directory("none/m.sock"))")
    server.send(SIGHUP)
    #expect(await server.says("error: the old configuration stays: "))
    #expect(try status(old) == 200)
    #expect(try await Curl.get(server.url + "f").body == "one")
    try configure("two", "metrics-listen = unix:\(new)")
    server.send(SIGHUP)
    #expect(await server.says("metrics at http://unix:\(new):/-/metrics"))
    #expect(try status(new) == 200)
    #expect(!old.exists)
    #expect(try await Curl.get(server.url + "f").body == "two")
    #expect(await server.stop() == 0)
    #expect(!new.exists)
  }

  @Test(arguments: ["threads = 7", "download-counts = counts.json"])
  func `what takes effect at the next start is named`(line: String) async throws {
    try configure("one")
    let server = try RunningServer(["--config", file.string])
    try configure("two", line)
    server.send(SIGHUP)
    let name = line.prefix { $0 != " " }
    #expect(await server.says("\(name): takes effect when the server is restarted"))
    #expect(try await Curl.get(server.url + "f").body == "two")
  }

  @Test func `without a file the same is served again`() async throws {
    let server = try RunningServer(serving: directory("one"))
    server.send(SIGHUP)
    #expect(await server.says(Self.done))
    #expect(try await Curl.get(server.url + "f").body == "one")
  }

  @Test func `no request fails and no connection is lost while it happens under load`()
    async throws
  {
    let server = try serve()
    let large = [UInt8](repeating: 7, count: 3_000_000)
    for name in ["one", "two"] { try directory("\(name)/large").write(large) }
    let isOver = Atomic(false)
    let failures = Recorder<String>()
    let port = server.port
    let work: @Sendable () -> Void = {
      do {
        let client = try HTTPClient(port: port)
        while !isOver.load(ordering: .relaxed) {
          let answer = try client.request("GET", "/c/f")
          if !["one", "two"].contains(answer.text) { failures.append(answer.text) }
          if try client.request("GET", "/c/large").body != large { failures.append("large") }
          if try HTTPClient(port: port).request("GET", "/c/f").status != 200 {
            failures.append("new connection")
          }
        }
      } catch {
        failures.append("\(error)")
      }
    }
    let first = try Background(work)
    let second = try Background(work)
    for round in 1...20 {
      try configure(round % 2 == 0 ? "one" : "two")
      server.send(SIGHUP)
      #expect(await server.says(Self.done, times: round))
    }
    isOver.store(true, ordering: .relaxed)
    first.wait()
    second.wait()
    #expect(failures.values == [])
    #expect(await server.stop() == 0)
  }

  @Test func `the service manager learns that the server reloads`() async throws {
    let manager = try NotifySocket(directory("notify"))
    let server = try serve(by: ["NOTIFY_SOCKET=\(directory("notify"))"])
    #expect(try manager.message().hasPrefix("READY=1\n"))
    server.send(SIGHUP)
    #expect(try manager.message().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
    #expect(try manager.message().hasPrefix("READY=1\n"))
    try configure("none")
    server.send(SIGHUP)
    #expect(try manager.message().hasPrefix("RELOADING=1\n"))
    #expect(try manager.message().hasSuffix("the new configuration is wrong"))
    #expect(await server.stop() == 0)
  }

  @Test func `lines go to a new access log after SIGUSR1, and none is lost`() async throws {
    let (log, old) = (directory("access.log"), directory("access.log.1"))
    let server = try RunningServer(
      serving: directory("one"), "--access-log", log.string, "--threads", "1")
    let client = try HTTPClient(port: server.port)
    for number in 0..<50 { _ = try client.request("GET", "/f?\(number)") }
    try log.rename(to: old)
    server.send(SIGUSR1)
    try #require(await server.runs(until: { log.exists }))
    for number in 50..<100 { _ = try client.request("GET", "/f?\(number)") }
    #expect(await server.stop() == 0)
    let lines = try (old.readText() + log.readText()).split(separator: "\n")
    #expect(lines.count == 100)
    #expect((0..<100).allSatisfy { lines[$0].contains("/f?\($0) ") })
    #expect(try log.readText().contains("/f?99 "))
  }
}
