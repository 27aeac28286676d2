import ChannelHTTP
import ChannelSite
import Logging
import Support
import Synchronization
import SystemPackage
import Testing

/// Hashes of the password `correct horse`, as htpasswd and mkpasswd make them, at the lowest cost.
enum KnownHash {
  static let password = "correct horse"
  static let bcrypt = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
  static let sha256 = "$5$rounds=1000$saltsalt$R6e4P8ccT9iMqkYg7Z8YtpId/lfsIfnuPkp8WXposU8"
  static let sha512 =
    "$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi"
    + ".HdxNDcL3fGE1XXuzvo6kbx7UOloZKONqEk5H3JrQA4NOfU8BmqFPrpGqwA1"
}

@Suite struct IdentitiesTests {
  private let folder: TemporaryDirectory
  private let tokens: TokenFile
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init() throws {
    folder = try TemporaryDirectory()
    tokens = TokenFile(folder("tokens.json"))
  }

  private func identities(
    passwords: [(name: String, lines: String, right: Right)] = [], now: Int = 0
  ) throws -> Identities {
    var files: [PasswordFile] = []
    for (name, lines, right) in passwords {
      try folder(name).write(Array(lines.utf8), permissions: .ownerReadWrite)
      files.append(PasswordFile(folder(name), right: right))
    }
    return try Identities(.init(tokens: tokens, passwords: files), logger: logger) { now }
  }

  private func credential(
    _ secret: String, user: String? = nil
  ) -> PresentedCredentials.Credential {
    .init(user: user, secret: Secret(secret))
  }

  @Test(arguments: [nil, "anyone", ""])
  func `a token proves who its holder is, with any user's name`(_ user: String?) throws {
    let secret = try tokens.create(name: "ci", right: .publish, now: 0)
    let found = try identities().find(credential(secret, user: user))
    #expect(found == .identity(Identity(name: "ci", right: .publish)))
  }

  @Test func `a token that is not quite right is nobody's`() throws {
    let secret = try tokens.create(name: "ci", right: .publish, now: 0)
    let identities = try identities()
    var others = [
      String(secret.dropLast()), secret + "a", secret.lowercased(), "", "cch-", "cch--",
    ]
    others.append(String(secret.prefix(12)) + "-" + String(repeating: "a", count: 36))
    others.append("cch-aaaaaaaa-" + secret.suffix(36))
    for other in others {
      guard case .nobody = identities.find(credential(other)) else {
        Issue.record("\(other) was taken")
        continue
      }
    }
  }

  @Test func `two wrong secrets are told apart, and the same one known again`() throws {
    let identities = try identities()
    let first = identities.find(credential("a", user: "bc"))
    #expect(first == identities.find(credential("a", user: "bc")))
    #expect(first != identities.find(credential("b", user: "bc")))
    #expect(first != identities.find(credential("ca", user: "b")))
    // Another process has another key.
    #expect(try self.identities().find(credential("a", user: "bc")) != first)
  }

  @Test func `a token is good until its time is over`() throws {
    let secret = try tokens.create(name: "ci", right: .read, now: 0, expires: 1000)
    #expect(
      try identities(now: 999).find(credential(secret))
        == .identity(Identity(name: "ci", right: .read)))
    #expect(try identities(now: 1000).find(credential(secret)) == .expired)
  }

  @Test func `a change of the file is followed`() throws {
    let identities = try identities()
    let secret = try tokens.create(name: "ci", right: .read, now: 0)
    identities.reread()
    #expect(identities.identity(named: "ci")?.right == .read)
    #expect(identities.find(credential(secret)) == .identity(Identity(name: "ci", right: .read)))
    try tokens.revoke(name: "ci")
    identities.reread()
    #expect(identities.identity(named: "ci") == nil)
    guard case .nobody = identities.find(credential(secret)) else {
      Issue.record("a revoked token was taken")
      return
    }
  }

  @Test func `a file that is gone holds no tokens`() throws {
    let secret = try tokens.create(name: "ci", right: .read, now: 0)
    let identities = try identities()
    try tokens.path.removeRecursively()
    identities.reread()
    guard case .nobody = identities.find(credential(secret)) else {
      Issue.record("a token of a file that is gone was taken")
      return
    }
  }

  @Test func `a slip in the file locks nobody out, and lets nobody in`() throws {
    let secret = try tokens.create(name: "ci", right: .read, now: 0)
    let identities = try identities()
    try tokens.path.write(Array("{".utf8), permissions: .ownerReadWrite)
    identities.reread()
    #expect(identities.find(credential(secret)) == .identity(Identity(name: "ci", right: .read)))
  }

  @Test func `a file that others may look into keeps the server from starting`() throws {
    _ = try tokens.create(name: "ci", right: .read, now: 0)
    try tokens.path.setPermissions([.ownerReadWrite, .otherRead])
    #expect(throws: SiteError.self) { try identities() }
  }

  @Test(arguments: [KnownHash.bcrypt, KnownHash.sha256, KnownHash.sha512])
  func `a password is examined once and then remembered`(_ hash: String) throws {
    let identities = try identities(passwords: [("users", "me:\(hash)\n", .publish)])
    let right = credential(KnownHash.password, user: "me")
    let me = Identities.Finding.identity(Identity(name: "me", right: .publish))

    #expect(identities.find(right) == .unclear)
    #expect(identities.examine(right) == me)
    #expect(identities.find(right) == me)
  }

  @Test(arguments: [
    ("wrong", "me"), (KnownHash.password + "\0", "me"), ("", "me"), (KnownHash.password, "you"),
    (KnownHash.password, ""),
  ])
  func `a wrong password is nobody's, whoever it is for`(_ password: String, _ user: String) throws
  {
    let identities = try identities(passwords: [("users", "me:\(KnownHash.bcrypt)\n", .publish)])
    // Whether there is such a user cannot be told from how long it takes.
    #expect(identities.find(credential(password, user: user)) == .unclear)
    guard case .nobody = identities.examine(credential(password, user: user)) else {
      Issue.record("\(user) was let in")
      return
    }
  }

  @Test func `a password that was changed is forgotten`() throws {
    let identities = try identities(passwords: [("users", "me:\(KnownHash.bcrypt)\n", .read)])
    let old = credential(KnownHash.password, user: "me")
    _ = identities.examine(old)
    let other = KnownHash.bcrypt.replacing("5X9", with: "AAA")
    try folder("users").write(Array("me:\(other)\n".utf8), permissions: .ownerReadWrite)
    identities.reread()

    #expect(identities.find(old) == .unclear)
    guard case .nobody = identities.examine(old) else {
      Issue.record("the old password was taken")
      return
    }
  }

  @Test(arguments: [
    "me", "me:", "me:plain", "me:$apr1$salt$hash", "me:$1$salt$hash", "me:{SHA}abc",
    "me:abCdEfGhIjKlM",
    "me:$2y$31$abcdefghijklmnopqrstuuY0XR0AEnYsYLzXvESBLfGbjUGrRZ6Fe",
    "me:$6$rounds=999999999$salt$hash", "m e:\(KnownHash.bcrypt)", ":\(KnownHash.bcrypt)",
    "me:\(KnownHash.bcrypt)\nme:\(KnownHash.bcrypt)",
  ])
  func `a line that cannot be used is named`(_ lines: String) throws {
    do {
      _ = try identities(passwords: [("users", "# users\n\n\(lines)\n", .read)])
      Issue.record("the file was taken")
    } catch {
      #expect("\(error)".contains("/users: line "))
      #expect(!"\(error)".contains("$"))
    }
  }

  @Test func `a user cannot have the name of a token`() throws {
    _ = try tokens.create(name: "me", right: .admin, now: 0)
    #expect(throws: SiteError.self) {
      try identities(passwords: [("users", "me:\(KnownHash.bcrypt)\n", .read)])
    }
  }

  @Test func `a password file that everybody may look into is refused`() throws {
    _ = try identities(passwords: [("users", "me:\(KnownHash.bcrypt)\n", .read)])
    try folder("users").setPermissions([.ownerReadWrite, .groupRead])
    let file = PasswordFile(folder("users"), right: .read)
    _ = try Identities(.init(passwords: [file]), logger: logger)
    try folder("users").setPermissions([.ownerReadWrite, .groupRead, .otherRead])
    #expect(throws: SiteError.self) { try Identities(.init(passwords: [file]), logger: logger) }
  }
}
