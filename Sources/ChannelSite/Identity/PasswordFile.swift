internal import CCrypt
internal import ChannelSystem
package import SystemPackage

/// A file of users and their passwords, as `htpasswd` writes it: `name:hash`, one a line.
///
/// bcrypt, SHA-crypt and yescrypt are taken. What else such files may hold is so quickly tried, or so
/// plainly readable, that nobody's channel should hang on it.
package struct PasswordFile: Sendable {
  package let path: FilePath
  /// What its users may do.
  package let right: Right

  package init(_ path: FilePath, right: Right) {
    self.path = path
    self.right = right
  }

  /// The users and their hashes.
  ///
  /// - Throws: `SiteError` when everybody may look into the file, or a line cannot be used.
  func read() throws(SiteError) -> [String: PasswordHash] {
    guard let bytes = try PrivateFile.contents(of: path, for: .group) else {
      throw SiteError(path, "is not there")
    }
    var users: [String: PasswordHash] = [:]
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
      func fail(_ reason: String) -> SiteError { SiteError(path, "line \(index + 1): \(reason)") }
      guard let colon = line.firstIndex(of: ":") else { throw fail("is not name:hash") }
      let name = String(line[..<colon])
      guard Token.isName(name) else {
        throw fail("the user's name may have letters, digits and . _ @ + - and no others")
      }
      guard let hash = PasswordHash(String(line[line.index(after: colon)...])) else {
        throw fail(
          "\(name)'s password is kept in a form that is not safe or would take for ever to check;"
            + " set it anew with htpasswd -B")
      }
      guard users.updateValue(hash, forKey: name) == nil else {
        throw fail("\(name) is there a second time")
      }
    }
    return users
  }
}

/// A password as crypt(3) keeps it.
struct PasswordHash: Sendable, Hashable {
  private let text: String

  /// Takes a hash; nil when its method is too weak, or its cost beyond reason.
  init?(_ text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[0].isEmpty, !text.utf8.contains(0) else { return nil }
    switch parts[1] {
    case "2a", "2b", "2y":
      guard let cost = Int(parts[2]), (4...15).contains(cost) else { return nil }
    case "5", "6":
      if parts[2].hasPrefix("rounds=") {
        guard let rounds = Int(parts[2].dropFirst(7)), rounds <= 1_000_000 else { return nil }
      }
    case "y":
      break
    default:
      return nil
    }
    self.text = text
  }

  /// Whether the hash is of `password`; takes as long as the hash is meant to take.
  func matches(_ password: [UInt8]) -> Bool {
    // C would see an end there.
    guard !password.contains(0), password.count <= 512 else { return false }
    let password = String(decoding: password, as: UTF8.self)
    return ccrypt_matches(password, text) == 1
  }
}
