import ChannelHTTP
import ChannelSite
import Foundation
import Support
import SystemPackage
import Testing

@Suite struct AccessControlTests {
  private func site(
    requiresIdentity: Bool = true, users: String? = nil, time: @escaping @Sendable () -> Int = { 0 }
  ) throws -> GuardedSite {
    let site = try GuardedSite(requiresIdentity: requiresIdentity, users: users, time: time)
    for channel in ["a", "b"] {
      for file in ["noarch/repodata.json", "noarch/repodata_shards.msgpack.zst", "linux-64/x"] {
        try site.folder("site/\(channel)/\(file)").write(file)
      }
    }
    return site
  }

  private static let path = "/a/noarch/repodata.json"

  @Test func `nobody reads without saying who they are`() throws {
    let site = try site()
    let response = try site.request(Self.path)
    #expect(response.status == 401)
    #expect(response["www-authenticate"] == "Basic realm=\"conda channel\", charset=\"UTF-8\"")
    #expect(try site.status("/nothing/here") == 401)
    #expect(try site.status("/") == 401)
    #expect(try site.status(Self.path, "HEAD") == 401)
    #expect(try site.status("/-/health") == 200)
    #expect(try site.status("/-/health/../../a/noarch/repodata.json") == 401)
  }

  @Test func `a token is taken in every form`() throws {
    let site = try site()
    let secret = try site.token("ci", .read)
    #expect(try site.status(Self.path, "GET", "Authorization: Bearer \(secret)") == 200)
    #expect(try site.status(Self.path, "GET", "Authorization: token \(secret)") == 200)
    #expect(try site.status(Self.path, "GET", "X-API-Key: \(secret)") == 200)
    #expect(try site.status("/t/\(secret)\(Self.path)") == 200)
    #expect(try site.status("/a/t/\(secret)/noarch/repodata.json") == 200)
    #expect(try site.status(Self.path, "GET", Self.basic("x", secret)) == 200)
    #expect(try site.status("/t/\(secret)/nothing") == 404)
  }

  private static func basic(_ user: String, _ password: String) -> String {
    "Authorization: Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
  }

  @Test func `what is not so is answered 401 even where anyone may read`() throws {
    let site = try site(requiresIdentity: false)
    #expect(try site.status(Self.path) == 200)
    #expect(try site.status(Self.path, "GET", "Authorization: Bearer abc") == 401)
    #expect(try site.status(Self.path, "GET", "Authorization: Basic abc") == 401)
    #expect(try site.status("/t/abc\(Self.path)") == 401)
    #expect(try site.status(Self.path, "GET", "Authorization: Negotiate abc") == 200)
  }

  @Test(arguments: [
    "/t/abc", "/%74/abc", "/t/%61bc", "//t/abc", "/t//abc", "/./t/abc", "/x/../t/abc", "/a/t/abc",
    "http://host/t/abc",
  ])
  func `a token in the path is looked at however it is spelled`(_ prefix: String) throws {
    let site = try site(requiresIdentity: false)
    let secret = try site.token("ci", .read)
    #expect(try site.status(prefix + Self.path) == 401)
    let right = prefix.replacing("%61bc", with: "abc").replacing("abc", with: secret)
    let path = prefix.hasPrefix("/a") ? "/noarch/repodata.json" : Self.path
    #expect(try site.status(right + path) == 200)
    #expect(try site.status("/t%2fabc\(Self.path)") == 404)
  }

  @Test(arguments: ["http://host", "http://host?x", "http://host/a/noarch/repodata.json"])
  func `naming the server opens nothing`(_ target: String) throws {
    let site = try site()
    #expect(try site.status(target) == 401)
    #expect(try site.status(target, "HEAD") == 401)
  }

  @Test func `one good credential is enough`() throws {
    let site = try site()
    let secret = try site.token("ci", .read)
    #expect(
      try site.status("/t/wrong\(Self.path)", "GET", "Authorization: Bearer \(secret)") == 200)
  }

  @Test func `expired and revoked are as wrong as wrong`() throws {
    let site = try site { 5000 }
    let expired = try site.token("old", .admin, expires: 4999)
    let revoked = try site.token("gone", .admin)
    try site.tokens.revoke(name: "gone")
    site.identities.reread()
    for secret in [expired, revoked] {
      #expect(try site.status(Self.path, "GET", "Authorization: Bearer \(secret)") == 401)
      #expect(try site.status("/api", "PUT", "Authorization: Bearer \(secret)") == 401)
    }
  }

  @Test func `a token for one channel opens no other`() throws {
    let site = try site()
    let secret = try site.token("a", .admin, "/a")
    for file in ["noarch/repodata.json", "noarch/repodata_shards.msgpack.zst", "linux-64/x"] {
      #expect(try site.status("/a/\(file)", "GET", "X-API-Key: \(secret)") == 200)
      #expect(try site.status("/b/\(file)", "GET", "X-API-Key: \(secret)") == 403)
      #expect(try site.status("/t/\(secret)/b/\(file)") == 403)
      #expect(try site.status("/a/../b/\(file)", "GET", "X-API-Key: \(secret)") == 403)
    }
    // Whether anything is there is not told, either.
    #expect(try site.status("/c/x", "GET", "X-API-Key: \(secret)") == 403)
  }

  @Test func `where anyone may read, a token for another channel does no harm`() throws {
    let site = try site(requiresIdentity: false)
    let secret = try site.token("a", .read, "/a")
    #expect(try site.status("/b/noarch/repodata.json", "GET", "X-API-Key: \(secret)") == 200)
  }

  @Test(arguments: ["PUT", "POST", "DELETE"])
  func `nobody in particular changes anything`(_ method: String) throws {
    let site = try site(requiresIdentity: false)
    #expect(try site.status("/api", method) == 401)
    #expect(try site.status("/t/*****/api", method) == 401)
    let reader = try site.token("reader", .read)
    #expect(try site.status("/api", method, "X-API-Key: \(reader)") == 403)
    let publisher = try site.token("publisher", .publish)
    #expect(try site.request("/api", method, ["X-API-Key: \(publisher)"]).text == "publisher")
    #expect(try site.request("/t/\(publisher)/api", method).text == "publisher")
  }

  @Test(arguments: [true, false])
  func `stars are nobody, and never a guess`(_ requiresIdentity: Bool) throws {
    let site = try site(requiresIdentity: requiresIdentity)
    let expected = requiresIdentity ? 401 : 200
    for _ in 0..<50 {
      #expect(try site.status("/t/*****\(Self.path)") == expected)
      #expect(try site.status(Self.path, "GET", Self.basic("me", "*****")) == expected)
    }
    #expect(site.refusals.all.isEmpty)
    #expect(try site.status(Self.path, "GET", "X-API-Key: wrong") == 401)
  }

  @Test func `whoever guesses has to wait, unless they hold a token`() throws {
    let site = try site(users: "me:\(KnownHash.bcrypt)\n")
    let secret = try site.token("ci", .read)
    var statuses: [Int] = []
    for guess in 0..<13 {
      statuses.append(try site.status(Self.path, "GET", Self.basic("me", "guess\(guess)")))
    }
    #expect(statuses.prefix(11) == [401, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401])
    #expect(statuses.last == 429)
    let right = try site.request(Self.path, "GET", [Self.basic("me", KnownHash.password)])
    #expect(right.status == 429)
    #expect(right["retry-after"] != nil)
    #expect(try site.status(Self.path, "GET", "X-API-Key: \(secret)") == 200)
    #expect(site.refusals.all.count == 11)
  }

  @Test func `a user with a password may read`() throws {
    let site = try site(users: "me:\(KnownHash.bcrypt)\n")
    for _ in 0..<3 {
      #expect(try site.status(Self.path, "GET", Self.basic("me", KnownHash.password)) == 200)
    }
    #expect(try site.status("/api", "PUT", Self.basic("me", KnownHash.password)) == 403)
    #expect(try site.status(Self.path, "GET", "Authorization: Bearer \(KnownHash.password)") == 401)
  }

  @Test func `a job that repeats an old token is never made to wait`() throws {
    let site = try site()
    for _ in 0..<40 {
      #expect(try site.status(Self.path, "GET", "X-API-Key: old") == 401)
    }
  }
}
