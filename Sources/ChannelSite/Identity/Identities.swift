package import ChannelHTTP
internal import ChannelCore
internal import ChannelSystem
internal import Glibc
package import Logging
internal import Synchronization
internal import SystemPackage

/// Everybody that the server knows: the holders of tokens, and the users of password files.
///
/// The files are looked at a few times a second while there are requests, so that whoever changes
/// them need not tell the server.
package final class Identities: Sendable {
  /// Where identities come from.
  package struct Sources: Sendable {
    package var tokens: TokenFile?
    package var passwords: [PasswordFile]

    package init(tokens: TokenFile? = nil, passwords: [PasswordFile] = []) {
      self.tokens = tokens
      self.passwords = passwords
    }

    fileprivate var paths: [FilePath] { passwords.map(\.path) + (tokens.map { [$0.path] } ?? []) }
  }

  /// What a credential proves.
  package enum Finding: Sendable, Hashable {
    case identity(Identity)
    /// The token was good once.
    case expired
    /// It is nobody's; two with the same fingerprint are the same one.
    case nobody(fingerprint: UInt64)
    /// It takes a slow look to know.
    case unclear
  }

  private struct User: Sendable {
    let hash: PasswordHash
    let identity: Identity
  }

  private struct HeldToken: Sendable {
    let token: Token
    let identity: Identity
  }

  /// What the files said when they were last read.
  private struct Known: Sendable {
    var tokens: [String: HeldToken] = [:]
    var users: [String: User] = [:]
    var identities: [String: Identity] = [:]
  }

  private struct State: ~Copyable {
    var known = Known()
    /// What each file was when it was read.
    var versions: [FileStatus?] = []
    /// Milliseconds of the clock that does not go back.
    var nextLook: Int64 = 0
    /// Passwords that were found right, by a digest with a key that only this process knows.
    var remembered: [Digest: Identity] = [:]
    let digests = DigestStream(.sha256)
  }

  /// Passwords that are remembered at a time.
  private static let capacity = 10_000
  private static let pause: Int64 = 200

  /// What they all do, and others.
  let activities: Activities
  private let sources: Sources
  private let logger: Logger
  private let now: @Sendable () -> Int
  private let key: [UInt8]
  private let state: Mutex<State>
  /// Held while a password is checked: one processor for that is enough, and those who send the same
  /// one at the same time find it remembered.
  private let turn = Mutex(())

  /// Reads all files; `now` answers milliseconds since 1970.
  ///
  /// - Throws: `SiteError` when one of them cannot be used.
  package init(
    _ sources: Sources, activities: Activities = Activities(), logger: Logger,
    now: @escaping @Sendable () -> Int = { Clock.now }
  ) throws(SiteError) {
    self.sources = sources
    self.activities = activities
    self.logger = logger
    self.now = now
    var source = SystemRandomNumberGenerator()
    key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &source) }
    let versions = Self.versions(of: sources)
    let known = try Self.read(sources, activities)
    var state = State()
    state.known = known
    state.versions = versions
    self.state = Mutex(state)
  }

  /// Whoever is called `name`.
  package func identity(named name: String) -> Identity? {
    refresh()
    return state.withLock { $0.known.identities[name] }
  }

  /// Finds out what a credential proves, as far as that is quick.
  package func find(_ credential: PresentedCredentials.Credential) -> Finding {
    refresh()
    let secret = credential.secret.bytes
    if let id = Token.Spelling.id(in: secret) {
      let held = state.withLock { state -> HeldToken? in
        guard let held = state.known.tokens[id], held.token.matches(secret, by: state.digests)
        else { return nil }
        return held
      }
      if let held { return held.token.isExpired(at: now()) ? .expired : .identity(held.identity) }
    }
    let fingerprint = fingerprint(of: credential)
    return state.withLock { state in
      if credential.user != nil, !state.known.users.isEmpty {
        return state.remembered[fingerprint].map { .identity($0) } ?? .unclear
      }
      return .nobody(fingerprint: Self.short(fingerprint))
    }
  }

  /// Finds out what a credential proves that is unclear; takes as long as passwords are meant to take.
  package func examine(_ credential: PresentedCredentials.Credential) -> Finding {
    turn.withLock { _ in
      let finding = find(credential)
      guard finding == .unclear else { return finding }
      let fingerprint = fingerprint(of: credential)
      let users = state.withLock { $0.known.users }
      let user = credential.user.flatMap { users[$0] }
      // For a user that does not exist it takes as long, so that nobody learns who does.
      guard let hash = (user ?? users.values.first)?.hash else {
        return .nobody(fingerprint: Self.short(fingerprint))
      }
      guard hash.matches(credential.secret.bytes), let user else {
        return .nobody(fingerprint: Self.short(fingerprint))
      }
      return state.withLock { state in
        // The file may have changed meanwhile.
        guard state.known.users[user.identity.name]?.hash == hash else {
          return .nobody(fingerprint: Self.short(fingerprint))
        }
        if state.remembered.count >= Self.capacity { state.remembered = [:] }
        state.remembered[fingerprint] = user.identity
        return .identity(user.identity)
      }
    }
  }

  private func fingerprint(of credential: PresentedCredentials.Credential) -> Digest {
    let user = Array((credential.user ?? "").utf8)
    // The length first, or a name could end where another secret begins.
    let bytes = key + Array(String(user.count).utf8) + [0] + user + credential.secret.bytes
    return state.withLock { state in
      bytes.withUnsafeBytes { state.digests.update($0) }
      return state.digests.finish()
    }
  }

  private static func short(_ digest: Digest) -> UInt64 {
    digest.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: Files

  /// Reads the files again that have changed, if they were not looked at just now.
  private func refresh() {
    let time = Clock.monotonic
    let isDue = state.withLock { state in
      guard time >= state.nextLook else { return false }
      state.nextLook = time + Self.pause
      return true
    }
    guard isDue else { return }
    reread()
  }

  /// Finds out whether the files can be read as they could when this was made.
  ///
  /// - Throws: `SiteError` when one of them cannot be used any more.
  package func verify() throws(SiteError) {
    _ = try Self.read(sources, activities)
  }

  /// Reads the files again if they have changed.
  package func reread() {
    let versions = Self.versions(of: sources)
    guard state.withLock({ $0.versions != versions }) else { return }
    let known: Known
    do throws(SiteError) {
      known = try Self.read(sources, activities)
    } catch {
      // Once for each change. A slip of the pen must not lock everybody out.
      logger.error("\(error); what was known before stays valid")
      state.withLock { $0.versions = versions }
      return
    }
    state.withLock { state in
      state.versions = versions
      state.known = known
      state.remembered = [:]
    }
    activities.prune()
  }

  private static func versions(of sources: Sources) -> [FileStatus?] {
    sources.paths.map { try? FileStatus(of: $0) }
  }

  private static func read(
    _ sources: Sources, _ activities: Activities
  ) throws(SiteError) -> Known {
    var known = Known()
    for token in try sources.tokens?.read() ?? [] {
      let identity = token.holder(activities.activity(of: token.name))
      known.tokens[token.id] = HeldToken(token: token, identity: identity)
      known.identities[token.name] = identity
    }
    for file in sources.passwords {
      for (name, hash) in try file.read() {
        let identity = Identity(
          name: name, right: file.right, activity: activities.activity(of: name))
        guard known.identities.updateValue(identity, forKey: name) == nil else {
          throw SiteError(file.path, "\(name) is a token's name, too, or another file's user")
        }
        known.users[name] = User(hash: hash, identity: identity)
      }
    }
    return known
  }
}

/// What time it is.
package enum Clock {
  /// Milliseconds since 1970.
  package static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  /// Milliseconds of a clock that never goes back.
  package static var monotonic: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
