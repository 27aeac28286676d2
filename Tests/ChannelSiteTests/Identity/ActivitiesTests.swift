import ChannelHTTP
import ChannelSite
import Logging
import Support
import SystemPackage
import Testing

/// What metrics tell of those who are known, and of others.
@Suite struct ActivitiesTests {
  private static let file = "/noarch/repodata.json"

  private func site(requiresIdentity: Bool = false, time: Int = 0) throws -> GuardedSite {
    let site = try GuardedSite(requiresIdentity: requiresIdentity, time: { time })
    try site.folder("site\(Self.file)").write("{}")
    return site
  }

  private func told(_ activities: Activities) throws -> PrometheusText {
    var text = MetricsText()
    activities.write(to: &text)
    return try PrometheusText(String(decoding: text.bytes, as: UTF8.self))
  }

  private func count(_ site: GuardedSite, _ name: String, _ identity: String) throws -> Double {
    try told(site.activities).value("channel_identity_\(name)_total", "identity=\"\(identity)\"")
  }

  @Test func `reads are counted under the name of whoever reads, in whatever form they say it`()
    throws
  {
    let site = try site()
    let (one, other) = (try site.token("one", .read), try site.token("other", .read))
    #expect(try site.status(Self.file, "GET", "X-API-Key: \(one)") == 200)
    #expect(try site.status("/t/\(one)\(Self.file)", "HEAD") == 200)
    #expect(try site.status("/nothing", "GET", "Authorization: Bearer \(other)") == 404)
    #expect(try site.status(Self.file) == 200)

    #expect(try count(site, "reads", "one") == 2)
    #expect(try count(site, "reads", "other") == 1)
    #expect(try count(site, "refusals", "one") == 0)
  }

  @Test func `what somebody may not is counted under their name`() throws {
    let site = try site(requiresIdentity: true)
    let secret = try site.token("ci", .read, "/a")
    #expect(try site.status(Self.file, "GET", "X-API-Key: \(secret)") == 403)
    #expect(try site.status("/api", "PUT", "X-API-Key: \(secret)") == 403)

    #expect(try count(site, "refusals", "ci") == 2)
    #expect(try count(site, "reads", "ci") == 0)
  }

  @Test func `others are counted by why they were turned away, and never by a name`() throws {
    let site = try site(requiresIdentity: true, time: 10)
    let expired = try site.token("old", .read, expires: 9)
    #expect(try site.status(Self.file) == 401)
    #expect(try site.status("/t/*****\(Self.file)") == 401)
    #expect(try site.status(Self.file, "GET", "X-API-Key: \(expired)") == 401)
    #expect(try site.status(Self.file, "GET", "Authorization: Basic abc") == 401)
    var wrong = 1
    while try site.status(Self.file, "GET", "X-API-Key: guess\(wrong)") == 401 { wrong += 1 }

    let read = try told(site.activities)
    for (reason, count) in [
      ("no_credentials", 2), ("expired_token", 1), ("wrong_credentials", wrong),
      ("too_many_guesses", 1),
    ] {
      #expect(
        try read.value("channel_unidentified_refusals_total", "\"\(reason)\"") == Double(count))
    }
    #expect(read.samples.keys.allSatisfy { !$0.contains("guess1") })
  }

  @Test func `counts go on when the file changes, and end with the name`() throws {
    let site = try site()
    let secret = try site.token("ci", .read)
    #expect(try site.status(Self.file, "GET", "X-API-Key: \(secret)") == 200)
    _ = try site.token("other", .read)
    #expect(try site.status(Self.file, "GET", "X-API-Key: \(secret)") == 200)
    #expect(try count(site, "reads", "ci") == 2)

    try site.tokens.revoke(name: "ci")
    site.identities.reread()
    #expect(try told(site.activities).samples.keys.allSatisfy { !$0.contains("\"ci\"") })
    #expect(try count(site, "reads", "other") == 0)
  }

  @Test func `counts go on when identities are made anew, as a reload does`() throws {
    let site = try site()
    let secret = try site.token("ci", .read)
    #expect(try site.status(Self.file, "GET", "X-API-Key: \(secret)") == 200)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let next = try Identities(
      Identities.Sources(tokens: site.tokens), activities: site.activities, logger: logger)
    var configuration = ServerConfiguration(root: site.folder("site").string)
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.authenticator = AccessControl(next, requiresIdentity: false).authenticator
    try site.server.reconfigure(configuration)
    let port = site.server.port
    let answer = try HTTPClient(port: port).request("GET", Self.file, ["X-API-Key: \(secret)"])
    #expect(answer.status == 200)

    #expect(try count(site, "reads", "ci") == 2)
  }

  @Test func `where nobody is known and nobody was refused there is nothing to tell`() throws {
    let site = try site()
    #expect(try site.status(Self.file) == 200)
    var text = MetricsText()
    site.activities.write(to: &text)
    #expect(text.bytes.isEmpty)
  }

  @Test func `changes are counted by what became of them`() throws {
    let site = try PublishingSite()
    func count(_ identity: String, _ result: String) throws -> Double {
      try told(site.site.activities).value(
        "channel_identity_changes_total", "identity=\"\(identity)\"", "result=\"\(result)\"")
    }
    let package = PackageBlueprint("hello")
    let path = "/c/\(package.subdir)/\(package.condaFileName)"
    #expect(try site.put(package).status == 201)
    #expect(try site.put(package).status == 200)
    #expect(
      try site.send("PUT", "\(path)?sha256=1", package.conda(), as: site.publisher).status == 400)
    #expect(try site.send("DELETE", path, as: site.publisher).status == 403)
    #expect(try site.send("PUT", path, package.conda(), as: site.reader).status == 403)
    #expect(try site.send("POST", "\(path)?action=yank", as: site.admin).status == 200)
    #expect(try site.send("POST", "\(path)?action=unyank", as: site.admin).status == 200)
    #expect(try site.send("DELETE", path, as: site.admin).status == 200)

    for (identity, result) in [
      ("publisher", "published"), ("publisher", "unchanged"), ("publisher", "refused"),
      ("admin", "yanked"), ("admin", "unyanked"), ("admin", "deleted"),
    ] {
      #expect(try count(identity, result) == 1, "\(identity) \(result)")
    }
    let read = try told(site.site.activities)
    let changes = read.samples.filter { $0.key.hasPrefix("channel_identity_changes_total") }
    #expect(changes.values.reduce(0, +) == 6)
    for (identity, refusals) in [("publisher", 1), ("reader", 1), ("admin", 0)] {
      #expect(
        try read.value("channel_identity_refusals_total", "identity=\"\(identity)\"")
          == Double(refusals))
    }
  }
}
