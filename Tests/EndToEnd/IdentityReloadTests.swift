import Foundation
import Support
import SystemPackage
import Testing

/// Tokens of a server whose configuration is read again.
@Suite struct IdentityReloadTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory("site/f").write("file")
  }

  private func tokens(_ name: String) -> String { directory("\(name).json").string }

  private func create(_ name: String, in file: String) async throws -> [String] {
    let run = try await Command.run(
      Command.built("channel-server"),
      ["token", "create", name, "--read", "--tokens", tokens(file)])
    try #require(run.status == 0, "\(run.errors)")
    return ["Authorization: Bearer \(run.output.trimmingCharacters(in: .newlines))"]
  }

  private func configure(_ lines: String...) throws {
    let new = directory("new.conf")
    let all = ["mount = /c=\(directory("site"))", "host = 127.0.0.1", "port = 0"] + lines
    try new.write(all.joined(separator: "\n") + "\n")
    try new.rename(to: directory("server.conf"))
  }

  private func serve() throws -> RunningServer {
    try RunningServer(["--config", directory("server.conf").string, "--threads", "2"])
  }

  private static let done = "the configuration was read again"

  /// What the file is answered with on an open connection and on a new one, which must be the same.
  private func status(
    _ client: HTTPClient, _ server: RunningServer, _ fields: [String] = []
  ) throws -> Int {
    let status = try client.request("GET", "/c/f", fields).status
    #expect(try HTTPClient(port: server.port).request("GET", "/c/f", fields).status == status)
    return status
  }

  @Test func `whoever may read is another matter from the next request on`() async throws {
    let holder = try await create("ci", in: "tokens")
    let wrong = ["Authorization: Bearer wrong"]
    try configure("tokens = \(tokens("tokens"))")
    let server = try serve()
    let client = try HTTPClient(port: server.port)
    #expect(try status(client, server) == 200)
    #expect(try status(client, server, holder) == 200)
    #expect(try status(client, server, wrong) == 401)

    try configure("tokens = \(tokens("tokens"))", "require-token = true")
    server.send(SIGHUP)
    #expect(await server.says(Self.done))
    #expect(try status(client, server) == 401)
    #expect(try status(client, server, holder) == 200)
    #expect(try status(client, server, wrong) == 401)

    try configure("tokens = \(tokens("tokens"))")
    server.send(SIGHUP)
    #expect(await server.says(Self.done, times: 2))
    #expect(try status(client, server) == 200)
    #expect(try status(client, server, wrong) == 401)
    #expect(await server.stop() == 0)
  }

  @Test func `tokens of another file take the place of the old ones, and that file is followed`()
    async throws
  {
    let old = try await create("old", in: "one")
    let new = try await create("new", in: "two")
    try configure("tokens = \(tokens("one"))", "require-token = true")
    let server = try serve()
    let client = try HTTPClient(port: server.port)
    #expect(try status(client, server, old) == 200)
    #expect(try status(client, server, new) == 401)

    try configure("tokens = \(tokens("two"))", "require-token = true")
    server.send(SIGHUP)
    #expect(await server.says(Self.done))
    #expect(try status(client, server, old) == 401)
    #expect(try status(client, server, new) == 200)

    let later = try await create("later", in: "two")
    while try client.request("GET", "/c/f", later).status == 401 {}
    // Of the old file nothing is heard any more.
    let forgotten = try await create("forgotten", in: "one")
    let revoked = try await Command.run(
      Command.built("channel-server"), "token", "revoke", "new", "--tokens", tokens("two"))
    #expect(revoked.status == 0)
    while try client.request("GET", "/c/f", new).status == 200 {}
    #expect(try status(client, server, forgotten) == 401)
    #expect(try status(client, server, later) == 200)
    #expect(await server.stop() == 0)
  }

  @Test(arguments: ["", "tokens = loose.json", "htpasswd = /nowhere/at/all"])
  func `a private server does not open because its configuration is wrong`(_ line: String)
    async throws
  {
    let holder = try await create("ci", in: "tokens")
    try configure("tokens = \(tokens("tokens"))", "require-token = true")
    let server = try serve()
    let client = try HTTPClient(port: server.port)
    #expect(try status(client, server) == 401)
    let loose = directory("loose.json")
    try loose.write("{\"tokens\":[]}")
    try loose.setPermissions([.ownerReadWrite, .otherRead])
    try configure(line.replacing("loose.json", with: loose.string), "require-token = true")
    server.send(SIGHUP)
    #expect(await server.says("error: the old configuration stays: "))
    #expect(try status(client, server) == 401)
    #expect(try status(client, server, holder) == 200)
    #expect(await server.stop() == 0)
  }

  @Test func `what somebody did before a reload counts after it, too`() async throws {
    let holder = try await create("ci", in: "tokens")
    try configure("tokens = \(tokens("tokens"))")
    let server = try serve()
    let client = try HTTPClient(port: server.port)
    #expect(try client.request("GET", "/c/f", holder).status == 200)
    for times in 1...2 {
      try configure("tokens = \(tokens("tokens"))", "require-token = \(times == 1)")
      server.send(SIGHUP)
      #expect(await server.says(Self.done, times: times))
      #expect(try client.request("GET", "/c/f", holder).status == 200)
    }
    let metrics = try PrometheusText(try client.request("GET", "/-/metrics").text)
    #expect(try metrics.value("channel_identity_reads_total", "identity=\"ci\"") == 3)
    #expect(await server.stop() == 0)
    let users = try server.accessLog.split(separator: "\n")
      .filter { $0.contains("/c/f") || $0.contains("/-/metrics") }
      .map { $0.split(separator: " ")[2] }
    #expect(users == ["ci", "ci", "ci", "-"])
  }
}
