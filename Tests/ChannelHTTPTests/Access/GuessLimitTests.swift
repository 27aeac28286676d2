import ChannelHTTP
import Synchronization
import Testing

@Suite struct GuessLimitTests {
  /// A clock that a test sets.
  private final class Time: Sendable {
    let milliseconds = Atomic<Int64>(1_000_000)

    func pass(seconds: Int64) {
      milliseconds.add(seconds * 1000, ordering: .relaxed)
    }
  }

  private let time = Time()

  private func limit(free: Int = 3, capacity: Int = 100) -> GuessLimit {
    GuessLimit(free: free, longest: .seconds(60), memory: .seconds(900), capacity: capacity) {
      [time] in time.milliseconds.load(ordering: .relaxed)
    }
  }

  private let address = Array("192.0.2.1".utf8)

  @Test func `the first guesses are free, and each further one doubles the wait`() {
    let limit = limit()
    for guess in 0..<3 { limit.noteFailure(of: address, fingerprint: UInt64(guess)) }
    #expect(limit.wait(of: address) == nil)
    var waits: [Int?] = []
    for guess in 3..<12 {
      limit.noteFailure(of: address, fingerprint: UInt64(guess))
      waits.append(limit.wait(of: address))
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60])
  }

  @Test func `the same wrong secret again is no further guess`() {
    let limit = limit()
    for _ in 0..<100 {
      limit.noteFailure(of: address, fingerprint: 1)
      limit.noteFailure(of: address, fingerprint: 2)
    }
    #expect(limit.wait(of: address) == nil)
  }

  @Test func `whoever has waited may try again`() {
    let limit = limit()
    for guess in 0..<4 { limit.noteFailure(of: address, fingerprint: UInt64(guess)) }
    #expect(limit.wait(of: address) == 1)
    time.pass(seconds: 1)
    #expect(limit.wait(of: address) == nil)
  }

  @Test func `an address is forgotten after a while`() {
    let limit = limit()
    for guess in 0..<20 { limit.noteFailure(of: address, fingerprint: UInt64(guess)) }
    time.pass(seconds: 901)
    limit.noteFailure(of: address, fingerprint: 99)
    #expect(limit.wait(of: address) == nil)
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.2", false), ("2001:db8::1", "2001:db8::ffff:2", true),
    ("2001:db8::1", "2001:db8:0:1::1", false), ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
    ("fe80::1%eth0", "fe80::2", true),
  ])
  func `a network of IPv6 is one guesser`(_ one: String, _ other: String, _ areOne: Bool) {
    let limit = limit()
    for guess in 0..<4 { limit.noteFailure(of: Array(one.utf8), fingerprint: UInt64(guess)) }
    #expect((limit.wait(of: Array(other.utf8)) != nil) == areOne)
  }

  @Test func `a crowd of guessers takes no more memory than it is given`() {
    let limit = limit(capacity: 10)
    for guess in 0..<4 { limit.noteFailure(of: address, fingerprint: UInt64(guess)) }
    for host in 0..<50 { limit.noteFailure(of: Array("10.0.0.\(host)".utf8), fingerprint: 1) }
    // Those who wait are the last to be forgotten.
    #expect(limit.wait(of: address) != nil)
  }
}
