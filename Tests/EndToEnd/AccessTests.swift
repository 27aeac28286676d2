import Foundation
import Support
import SystemPackage
import Testing

/// Tokens from the moment they are handed out until they are taken back.
@Suite struct AccessTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory("site/noarch/repodata.json").write("{}")
  }

  private var tokens: String { directory("tokens.json").string }

  private func token(_ arguments: String...) async throws -> Command {
    try await Command.run(
      Command.built("channel-server"), ["token"] + arguments + ["--tokens", tokens])
  }

  @Test func `a token opens a private channel until it is revoked, without a restart`() async throws
  {
    let server = try RunningServer(
      serving: directory("site"), "--tokens", tokens, "--require-token")
    let file = server.url + "noarch/repodata.json"
    #expect(try await Curl.get(file).status == 401)

    let created = try await token("create", "ci", "--read", "--expires", "90d")
    #expect(created.status == 0 && created.errors == "")
    let secret = created.output.trimmingCharacters(in: .newlines)
    #expect(secret.wholeMatch(of: /[A-Za-z0-9-]{20,}/) != nil)
    // The file is looked at now and then.
    while try await Curl.get(file, "--user", "any:\(secret)").status == 401 {}
    #expect(try await Curl.get(file, "--oauth2-bearer", secret).body == "{}")
    let url = try #require(URL(string: server.url))
    #expect(
      try await Curl.get(
        url.appending(path: "t/\(secret)/noarch/repodata.json").absoluteString
      ).body == "{}")

    let listed = try await token("list")
    #expect(listed.output.hasPrefix("ci  read  everywhere  made "))
    #expect(!listed.output.contains(secret.suffix(36)))
    #expect(try await token("revoke", "ci").status == 0)
    while try await Curl.get(file, "--user", "any:\(secret)").status != 401 {}

    #expect(await server.stop() == 0)
    #expect(try server.accessLog.contains(" ci "))
    #expect(try !server.accessLog.contains(secret))
  }

  @Test func `what many may read is kept by caches, what few may by their own alone`() async throws
  {
    try directory("site/noarch/a-1.0-0.conda").write("package")
    let secret = try await token("create", "ci", "--read").output
      .trimmingCharacters(in: .newlines)
    for (options, expected) in [
      (["--tokens", tokens], "public, max-age=31536000, immutable"),
      (["--tokens", tokens, "--require-token"], "private, max-age=31536000, immutable"),
    ] {
      let server = try RunningServer(serving: directory("site"), options)
      let answer = try await Curl.get(
        server.url + "noarch/a-1.0-0.conda", "--user", "any:\(secret)")
      #expect(answer.fields["cache-control"] == expected)
    }
  }

  @Test func `a file that others may look into keeps the server from starting`() async throws {
    _ = try await token("create", "ci", "--read")
    try directory("tokens.json").setPermissions([.ownerReadWrite, .groupRead])
    let run = try await Command.run(
      Command.built("channel-server"), directory("site").string, "--port", "0", "--tokens", tokens)
    #expect(run.status == 1)
    #expect(run.errors.contains("chmod 600 \(tokens)"))
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    ["create", "a b", "--read"], ["create", "ci"], ["create", "ci", "--read", "--admin"],
    ["create", "ci", "--read", "--channel", "condapkg"],
    ["create", "ci", "--read", "--expires", "soon"],
  ])
  func `a token that cannot be meant is not made`(_ arguments: [String]) async throws {
    let run = try await Command.run(
      Command.built("channel-server"), ["token"] + arguments + ["--tokens", tokens])
    #expect(run.status == 64)
    #expect(!directory("tokens.json").exists)
  }

  @Test func `a private channel that nobody could enter is refused`() async throws {
    let run = try await Command.run(
      Command.built("channel-server"), directory("site").string, "--require-token")
    #expect(run.status == 64)
  }
}
