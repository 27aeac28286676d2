package import ChannelCore
internal import ChannelHTTP

/// A secret that was handed out, as the server remembers it: not the secret, but a salted digest.
///
/// The secret has more than 200 random bits, so that a fast digest is no help to whoever reads the
/// file: there is nothing to try.
package struct Token: Sendable, Hashable {
  /// The part of the secret that says which token it is, and that anyone may know.
  package let id: String
  /// What its holder is called in logs.
  package let name: String
  package let right: Right
  /// Where it is good for something; empty for everywhere.
  package let scopes: [Scope]
  /// Milliseconds since 1970.
  package let created: Int
  /// Milliseconds since 1970; nil for never.
  package let expires: Int?
  private let salt: Digest
  private let digest: Digest

  /// Makes a new token, and its secret, which is known to nobody once this value is gone.
  package static func make(
    name: String, right: Right, scopes: [Scope] = [], created: Int, expires: Int? = nil
  ) -> (token: Token, secret: String) {
    let id = random(8)
    let secret = Spelling(id: id, rest: random(36)).text
    // A digest of random bytes is as good a salt as the bytes.
    let salt = Digest.sha256(of: Array(random(43).utf8))
    let token = Token(
      id: id, name: name, right: right, scopes: scopes, created: created, expires: expires,
      salt: salt,
      digest: Self.digest(of: Array(secret.utf8), salt, in: DigestStream(.sha256)))
    return (token, secret)
  }

  private init(
    id: String, name: String, right: Right, scopes: [Scope], created: Int, expires: Int?,
    salt: Digest, digest: Digest
  ) {
    self.id = id
    self.name = name
    self.right = right
    self.scopes = scopes
    self.created = created
    self.expires = expires
    self.salt = salt
    self.digest = digest
  }

  /// Whether `secret` is the one that was handed out, by a digest made in `stream`.
  package func matches(_ secret: [UInt8], by stream: borrowing DigestStream) -> Bool {
    Secret.areEqual(Self.digest(of: secret, salt, in: stream).bytes, digest.bytes)
  }

  /// Whether its time is over, in milliseconds since 1970.
  package func isExpired(at now: Int) -> Bool {
    expires.map { $0 <= now } ?? false
  }

  /// Its holder, who counts what they do in `activity`.
  func holder(_ activity: IdentityActivity) -> Identity {
    Identity(name: name, right: right, scopes: scopes, activity: activity)
  }

  /// The token in one line, for people.
  package func line(at now: Int) -> String {
    let places = scopes.isEmpty ? "everywhere" : scopes.map(\.description).joined(separator: ",")
    let end = expires.map {
      (isExpired(at: now) ? "expired " : "expires ") + RFC3339.text(milliseconds: $0)
    }
    return [
      name, right.rawValue, places, "made \(RFC3339.text(milliseconds: created))",
      end ?? "does not expire",
    ].joined(separator: "  ")
  }

  /// Whether a name can stand in every log as it is.
  package static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { byte in
        isAlphanumeric(byte) || "._@+-".utf8.contains(byte)
      }
  }

  // MARK: Secrets

  /// How a secret is written: conda's clients recognise no other characters within a path.
  package struct Spelling: Sendable {
    package let id: String
    private let rest: String

    /// Begins all secrets, so that those who look for secrets in places where none should be can
    /// tell one.
    private static let prefix = "cch-"

    fileprivate init(id: String, rest: String) {
      self.id = id
      self.rest = rest
    }

    /// The part of a secret that says which token it is; nil when it has not the form of one.
    package static func id(in secret: [UInt8]) -> String? {
      guard secret.starts(with: prefix.utf8) else { return nil }
      let parts = secret.dropFirst(prefix.utf8.count)
        .split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].count == 8 else { return nil }
      return String(decoding: parts[0], as: UTF8.self)
    }

    fileprivate var text: String { "\(Self.prefix)\(id)-\(rest)" }
  }

  private static func random(_ count: Int) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    // On Linux that is getrandom(2).
    var source = SystemRandomNumberGenerator()
    let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &source)]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func digest(
    of secret: [UInt8], _ salt: Digest, in stream: borrowing DigestStream
  ) -> Digest {
    salt.bytes.withUnsafeBytes { stream.update($0) }
    secret.withUnsafeBytes { stream.update($0) }
    return stream.finish()
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) && byte < 0x80
  }
}

// A token as the file holds it.
extension Token {
  var json: JSONObject {
    var object: JSONObject = [
      "id": .string(id), "name": .string(name), "right": .string(right.rawValue),
      "channels": .array(scopes.map { .string($0.description) }),
      "created_at": .string(RFC3339.text(milliseconds: created)),
      "salt": .string(salt.description), "sha256": .string(digest.description),
    ]
    if let expires { object["expires_at"] = .string(RFC3339.text(milliseconds: expires)) }
    return object
  }

  /// Why a token in a file cannot be used.
  struct Unreadable: Error {
    let reason: String
  }

  init(_ json: JSONObject) throws(Unreadable) {
    func text(_ name: String) throws(Unreadable) -> String {
      if let text = json[name]?.string { return text }
      throw Unreadable(reason: "\"\(name)\" is missing")
    }
    func time(_ name: String) throws(Unreadable) -> Int {
      guard let time = RFC3339.milliseconds(of: try text(name)) else {
        throw Unreadable(reason: "\"\(name)\" is no time such as 2026-11-22T08:00:46Z")
      }
      return time
    }
    func digest(_ name: String) throws(Unreadable) -> Digest {
      guard let digest = Digest(hexadecimal: try text(name)), digest.bytes.count == 32 else {
        throw Unreadable(reason: "\"\(name)\" is no SHA-256 digest")
      }
      return digest
    }
    guard let right = Right(rawValue: try text("right")) else {
      throw Unreadable(reason: "\"right\" is none of read, publish and admin")
    }
    // A list that cannot be read must not stand for everywhere.
    guard let channels = json["channels"]?.strings else {
      throw Unreadable(reason: "\"channels\" is no list of paths")
    }
    let scopes = channels.compactMap { Scope($0) }
    guard scopes.count == channels.count else {
      throw Unreadable(reason: "\"channels\" holds what is no path such as /condapkg")
    }
    let name = try text("name")
    guard Self.isName(name) else {
      throw Unreadable(reason: "\"\(name)\" is no name: letters, digits and . _ @ + -")
    }
    self.init(
      id: try text("id"), name: name, right: right, scopes: scopes, created: try time("created_at"),
      expires: json["expires_at"] == nil ? nil : try time("expires_at"),
      salt: try digest("salt"), digest: try digest("sha256"))
  }
}
