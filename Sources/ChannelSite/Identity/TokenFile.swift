internal import ChannelCore
internal import ChannelSystem
internal import Glibc
package import SystemPackage

/// The file of all tokens: JSON, a token a line, for its owner's eyes only.
package struct TokenFile: Sendable {
  package let path: FilePath

  package init(_ path: FilePath) {
    self.path = path
  }

  /// The tokens, by name; none when there is no file.
  ///
  /// - Throws: `SiteError` when others than the owner may look into the file, or it cannot be
  ///   understood.
  package func read() throws(SiteError) -> [Token] {
    guard let bytes = try PrivateFile.contents(of: path) else { return [] }
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONReader.value(in: bytes)
    } catch {
      throw SiteError(path, "cannot be understood: \(error)")
    }
    guard case .array(let values)? = document.object?["tokens"] else {
      throw SiteError(path, "cannot be understood: it has no list \"tokens\"")
    }
    var tokens: [Token] = []
    for value in values {
      do throws(Token.Unreadable) {
        guard let object = value.object else { throw Token.Unreadable(reason: "is no object") }
        tokens.append(try Token(object))
      } catch {
        throw SiteError(path, "token \(tokens.count + 1): \(error.reason)")
      }
    }
    for (name, number) in tokens.reduce(into: [String: Int](), { $0[$1.name, default: 0] += 1 })
    where number > 1 {
      throw SiteError(path, "\(number) tokens are called \(name)")
    }
    return tokens.sorted { $0.name.precedes($1.name) }
  }

  /// Adds a token and answers its secret.
  ///
  /// - Throws: `SiteError` when the name is taken, or the file cannot be read or written.
  package func create(
    name: String, right: Right, scopes: [Scope] = [], now: Int, expires: Int? = nil
  ) throws(SiteError) -> String {
    try change { (tokens) throws(SiteError) in
      if tokens.contains(where: { $0.name == name }) {
        throw SiteError(path, "there is a token called \(name); revoke it first")
      }
      let (token, secret) = Token.make(
        name: name, right: right, scopes: scopes, created: now, expires: expires)
      tokens.append(token)
      return secret
    }
  }

  /// Takes a token out.
  ///
  /// - Throws: `SiteError` when there is none of this name, or the file cannot be read or written.
  package func revoke(name: String) throws(SiteError) {
    try change { (tokens) throws(SiteError) in
      guard tokens.contains(where: { $0.name == name }) else {
        throw SiteError(path, "there is no token called \(name)")
      }
      tokens.removeAll { $0.name == name }
    }
  }

  /// Reads, changes and writes the file while nobody else does.
  private func change<Value>(
    _ body: (inout [Token]) throws(SiteError) -> Value
  ) throws(SiteError) -> Value {
    let lock = try lock()
    var tokens = try read()
    let value = try body(&tokens)
    try write(tokens.sorted { $0.name.precedes($1.name) })
    _ = consume lock
    return value
  }

  private func lock() throws(SiteError) -> Descriptor {
    let directory = path.removingLastComponent()
    do throws(Errno) {
      // The directory, since a file that is replaced takes its lock with it.
      let lock = try Descriptor(opening: directory.isEmpty ? "." : directory, options: .directory)
      _ = try systemCall { flock(lock.raw.rawValue, LOCK_EX) }
      return lock
    } catch {
      throw SiteError(path, "its directory cannot be opened: \(error)")
    }
  }

  private func write(_ tokens: [Token]) throws(SiteError) {
    var writer = JSONWriter()
    writer.raw("{\"tokens\":[")
    for (index, token) in tokens.enumerated() {
      writer.raw(index == 0 ? "\n" : ",\n")
      writer.write(token.json)
    }
    writer.raw("\n]}\n")
    do throws(Errno) {
      try PrivateFile.replace(path, with: writer.bytes)
    } catch {
      throw SiteError(path, "cannot be written: \(error)")
    }
  }
}
