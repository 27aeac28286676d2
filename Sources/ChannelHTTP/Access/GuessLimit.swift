internal import CLinux
internal import Glibc
internal import Synchronization

/// Makes whoever guesses secrets wait, by address.
///
/// The same wrong secret sent again is no further guess: jobs with an old token repeat themselves for
/// days, and must not lock out their neighbours. After a few different ones each further guess
/// doubles the wait.
public final class GuessLimit: Sendable {
  private struct Guesser {
    var guesses: Set<UInt64> = []
    var count = 0
    /// Milliseconds; before then nothing is looked at.
    var blocked: Int64 = 0
    var last: Int64 = 0
  }

  /// Wrong secrets that an address may send before it has to wait.
  private let free: Int
  /// Milliseconds that an address waits at most.
  private let longest: Int64
  /// Milliseconds after which an address is forgotten.
  private let memory: Int64
  private let capacity: Int
  private let now: @Sendable () -> Int64
  private let guessers = Mutex<[[UInt8]: Guesser]>([:])

  /// Creates a limit that knows nothing of anyone.
  ///
  /// - Parameters:
  ///   - free: Wrong secrets that an address may send before it has to wait.
  ///   - longest: How long it waits at most.
  ///   - memory: How long an address is remembered after its last guess.
  public convenience init(
    free: Int = 10, longest: Duration = .seconds(60), memory: Duration = .seconds(900)
  ) {
    self.init(free: free, longest: longest, memory: memory) { clinux_coarse_milliseconds() }
  }

  package init(
    free: Int, longest: Duration, memory: Duration, capacity: Int = 16_384,
    now: @escaping @Sendable () -> Int64
  ) {
    self.free = free
    self.longest = longest.milliseconds
    self.memory = memory.milliseconds
    self.capacity = capacity
    self.now = now
  }

  /// Whole seconds for which nothing more is taken from `address`; nil when it need not wait.
  public func wait(of address: [UInt8]) -> Int? {
    let now = now()
    return guessers.withLock { guessers in
      guard !guessers.isEmpty, let guesser = guessers[Self.key(of: address)], guesser.blocked > now
      else { return nil }
      return Int((guesser.blocked - now + 999) / 1000)
    }
  }

  /// Notes that `address` has sent a wrong secret, of which `fingerprint` tells no more than whether
  /// it is the same as another.
  ///
  /// - Returns: Whether that was one more guess.
  @discardableResult
  public func noteFailure(of address: [UInt8], fingerprint: UInt64) -> Bool {
    let (key, now) = (Self.key(of: address), now())
    return guessers.withLock { guessers in
      if guessers.count >= capacity, guessers[key] == nil { makeRoom(in: &guessers, now) }
      var guesser = guessers[key] ?? Guesser()
      if now - guesser.last > memory { guesser = Guesser() }
      defer { guessers[key] = guesser }
      guesser.last = now
      guard !guesser.guesses.contains(fingerprint) else { return false }
      // Whoever has guessed this often is remembered by the number alone.
      if guesser.guesses.count < 64 { guesser.guesses.insert(fingerprint) }
      guesser.count += 1
      if guesser.count > free {
        let doublings = min(guesser.count - free - 1, 20)
        guesser.blocked = now + min(longest, 1000 << Int64(doublings))
      }
      return true
    }
  }

  private func makeRoom(in guessers: inout [[UInt8]: Guesser], _ now: Int64) {
    guessers = guessers.filter { now - $0.value.last <= memory }
    guard guessers.count >= capacity else { return }
    // Whoever guesses from so many addresses is not slowed by a memory of any of them.
    guessers = guessers.filter { $0.value.blocked > now }
    if guessers.count >= capacity { guessers = [:] }
  }

  /// What stands for an address: an IPv6 network of 64 bits has but one owner.
  private static func key(of address: [UInt8]) -> [UInt8] {
    guard address.contains(ASCII.colon) else { return address }
    var bytes = in6_addr()
    let text = String(decoding: address.prefix { $0 != ASCII.percent }, as: UTF8.self)
    guard inet_pton(AF_INET6, text, &bytes) == 1 else { return address }
    return withUnsafeBytes(of: &bytes) { bytes in
      // An IPv4 address in the form of the other kind is one still.
      bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        ? Array(bytes) : Array(bytes[..<8])
    }
  }
}
