import ChannelCore
import ChannelSite
import ChannelSystem
import Dispatch
import Support
import SystemPackage
import Testing

@Suite struct TokenFileTests {
  private let folder: TemporaryDirectory
  private let file: TokenFile

  init() throws {
    folder = try TemporaryDirectory()
    file = TokenFile(folder("tokens.json"))
  }

  @Test func `a secret is one that every client can send in a path`() throws {
    let secret = try file.create(name: "ci", right: .publish, now: 0)
    #expect(secret.utf8.count >= 20)
    #expect(
      secret.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D
      })
  }

  @Test func `no two secrets share anything`() throws {
    let secrets = try (0..<50).map { try file.create(name: "t\($0)", right: .read, now: 0) }
    #expect(Set(secrets).count == 50)
    #expect(Set(secrets.map { $0.suffix(36) }).count == 50)
    #expect(Set(try file.read().map(\.id)).count == 50)
  }

  @Test func `the file holds no secret, and is for its owner alone`() throws {
    let secret = try file.create(name: "ci", right: .publish, now: 0)
    let text = try file.path.readText()
    #expect(!text.contains(secret))
    #expect(!text.contains(secret.suffix(36)))
    #expect(try FileStatus.permissions(of: file.path) == .ownerReadWrite)
    #expect(try folder.path.entryNames() == ["tokens.json"])
  }

  @Test func `what was created is read again`() throws {
    let scope = try #require(Scope("/private/"))
    let secret = try file.create(
      name: "ci", right: .publish, scopes: [scope], now: 1_700_000_000_000,
      expires: 1_700_000_060_000)
    let token = try #require(try file.read().first)

    #expect(token.name == "ci")
    #expect(token.right == .publish)
    #expect(token.scopes.map(\.description) == ["/private"])
    #expect(token.created == 1_700_000_000_000)
    let stream = DigestStream(.sha256)
    let (isRight, isLonger) = (
      token.matches(Array(secret.utf8), by: stream),
      token.matches(Array(secret.utf8) + [0x61], by: stream)
    )
    #expect(isRight && !isLonger)
    #expect(!token.isExpired(at: 1_700_000_059_999))
    #expect(token.isExpired(at: 1_700_000_060_000))
  }

  @Test func `a name is given once, and free again when it is revoked`() throws {
    _ = try file.create(name: "ci", right: .read, now: 0)
    #expect(throws: SiteError.self) { try file.create(name: "ci", right: .read, now: 0) }
    try file.revoke(name: "ci")
    #expect(throws: SiteError.self) { try file.revoke(name: "ci") }
    _ = try file.create(name: "ci", right: .read, now: 0)
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o644, 0o700, 0o660] as [UInt32])
  func `a file that others may look into or change is refused`(_ mode: UInt32) throws {
    _ = try file.create(name: "ci", right: .read, now: 0)
    try file.path.setPermissions(FilePermissions(rawValue: mode))
    if mode == 0o700 {
      #expect(try file.read().count == 1)
    } else {
      #expect(throws: SiteError.self) { try file.read() }
      #expect(throws: SiteError.self) { try file.create(name: "b", right: .read, now: 0) }
    }
  }

  @Test(arguments: [
    "", "{", "[]", "{\"tokens\": {}}", "{\"tokens\": [1]}", "{\"tokens\": [{}]}",
    #"{"tokens":[{"id":"a","name":"a","right":"all","channels":[],"#
      + #""created_at":"2026-01-01T00:00:00Z","salt":"","sha256":""}]}"#,
  ])
  func `a file that cannot be understood is no empty file`(_ text: String) throws {
    try file.path.write(Array(text.utf8), permissions: .ownerReadWrite)
    #expect(throws: SiteError.self) { try file.read() }
    #expect(throws: SiteError.self) { try file.create(name: "b", right: .read, now: 0) }
    #expect(try file.path.readText() == text)
  }

  @Test func `a token without a list of channels is not one for all`() throws {
    _ = try file.create(name: "ci", right: .read, now: 0)
    let text = try file.path.readText()
    #expect(text.contains("\"channels\":[],"))
    let without = text.replacing("\"channels\":[],", with: "")
    try file.path.write(Array(without.utf8), permissions: .ownerReadWrite)
    #expect(throws: SiteError.self) { try file.read() }
  }

  @Test func `writers take turns`() throws {
    DispatchQueue.concurrentPerform(iterations: 4) { writer in
      for number in 0..<10 {
        _ = try? file.create(name: "t\(writer)-\(number)", right: .read, now: 0)
      }
    }
    #expect(try file.read().count == 40)
  }

  @Test func `what a link points to is what changes`() throws {
    let link = folder("link")
    _ = try file.create(name: "ci", right: .read, now: 0)
    try link.createSymbolicLink(to: file.path)
    _ = try TokenFile(link).create(name: "b", right: .read, now: 0)
    #expect(try file.read().map(\.name) == ["b", "ci"])
    #expect(try FileStatus(of: link, followingLinks: false).kind == .symbolicLink)
  }
}

@Suite struct ScopeTests {
  @Test(arguments: [
    ("/", "/x", true), ("/a", "/a", true), ("/a", "/a/", true), ("/a/", "/a/b", true),
    ("/a", "/ab", false), ("/a", "/", false), ("/a/b", "/a", false), ("//a", "/a/b", true),
  ])
  func `a path lies below another`(_ scope: String, _ path: String, _ isBelow: Bool) throws {
    #expect(try #require(Scope(scope)).contains(Array(path.utf8)) == isBelow)
  }

  @Test(arguments: ["", "a", "/a/../b", "/./a", "/a/noarch", "/linux-64/"])
  func `what no request can ask for is no scope`(_ text: String) {
    #expect(Scope(text) == nil)
  }

  @Test(arguments: [
    ("90d", 7_776_000_000), ("1m", 60_000), ("12h", 43_200_000), ("2w", 1_209_600_000),
  ])
  func `a lifetime is read`(_ text: String, _ milliseconds: Int) {
    #expect(Lifetime(text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "d", "0d", "-1d", "1", "1y", "1.5d", "99999999999999999999d", "9999999999w",
  ])
  func `what is no lifetime is refused`(_ text: String) {
    #expect(Lifetime(text) == nil)
  }
}
