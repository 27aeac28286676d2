internal import Synchronization

/// Keeps count of what clients ask, for all loops together.
///
/// Of each client no more is kept than the time at which its allowance will be whole again (the
/// generic cell rate algorithm, which admits the same as a bucket of tokens). So a client whose time
/// is over is the same as one never seen, and its place is free. There are places for 65,536 clients,
/// a megabyte; when more ask at once, the one whose allowance is nearest to whole is forgotten, to
/// its advantage.
package final class RateLimiter: Sendable {
  private struct Entry {
    var client: UInt64 = 0
    /// In nanoseconds of the loops' clock.
    var whole: Int64 = 0
  }

  /// A part of the places with a lock of its own, so that loops seldom meet.
  private final class Shard: Sendable {
    let entries = Mutex([Entry](repeating: Entry(), count: RateLimiter.shardSize))
  }

  private static let shardCount = 16
  private static let shardSize = 4096
  /// Places among which a client's is looked for.
  private static let ways = 8

  private let shards = (0..<RateLimiter.shardCount).map { _ in Shard() }
  private let seed = UInt64.random(in: 0 ... .max)
  /// Nanoseconds from one request to the next.
  private let interval: Int64
  /// How much of its allowance a client may have used up before a request.
  private let tolerance: Int64
  private let exempt: [[UInt8]]

  package init(_ limit: RateLimit) {
    let interval = max(1, 1e9 / min(max(limit.perSecond, 1e-6), 1e9))
    self.interval = Int64(interval)
    tolerance = Int64(min(interval * Double(max(1, limit.burst) - 1), 1e18))
    exempt = limit.exemptPaths.map { Array($0.utf8) }
  }

  func exempts(_ path: Span<UInt8>) -> Bool {
    for other in exempt where path.equals(other) { return true }
    return false
  }

  /// Admits a request, or says how many seconds the client should wait.
  package func wait(for address: IPAddress, now: Int64) -> Int? {
    // The two families cannot meet: no network begins with 64 bits of zero.
    let client = address.isVersion4 ? address.low & 0xFFFF_FFFF : address.high
    let (high, low) = (client ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    let hash = high ^ low
    let shard = shards[Int(hash >> 60)]
    let first = Int(truncatingIfNeeded: hash) & (Self.shardSize - Self.ways)
    return shard.entries.withLock { entries in
      var place = first
      for index in first..<first + Self.ways {
        if entries[index].client == client {
          place = index
          break
        }
        if entries[index].whole < entries[place].whole { place = index }
      }
      let whole = entries[place].client == client ? max(entries[place].whole, now) : now
      guard whole - now <= tolerance else {
        return Int((whole - now - tolerance + 999_999_999) / 1_000_000_000)
      }
      entries[place] = Entry(client: client, whole: whole + interval)
      return nil
    }
  }
}
