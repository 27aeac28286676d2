/// Deadlines of many connections, kept so that moving one later costs nothing.
///
/// A wheel of buckets, a tenth of a second each. Each connection keeps its own deadline; an entry in
/// a bucket only says when to look at it. One that has moved on by then is entered anew.
struct TimerWheel {
  typealias Token = UInt64

  static let tick: Int64 = 100
  private static let buckets = 1024

  private var wheel = [[Token]](repeating: [], count: buckets)
  /// The first tick that has not been looked at.
  private var current: Int64
  /// No bucket before this tick holds anything.
  private var earliest = Int64.max

  /// - Parameter now: The time in milliseconds.
  init(now: Int64) {
    current = now / Self.tick
  }

  /// Has `token` looked at soon after `deadline`, or before when that is far away.
  ///
  /// - Returns: The tick in which it will be.
  mutating func schedule(_ token: Token, deadline: Int64) -> Int64 {
    let wanted = deadline / Self.tick + 1
    let tick = min(max(wanted, current), current + Int64(Self.buckets) - 1)
    wheel[Int(tick % Int64(Self.buckets))].append(token)
    earliest = min(earliest, tick)
    return tick
  }

  /// Milliseconds until something may be due; -1 when nothing is scheduled.
  func wait(now: Int64) -> Int {
    earliest == .max ? -1 : Int(max(0, (earliest + 1) * Self.tick - now))
  }

  /// Takes out what is to be looked at by `now`, with the tick that it was scheduled for.
  mutating func due(now: Int64) -> [(token: Token, tick: Int64)] {
    let end = now / Self.tick
    guard earliest < end else {
      if earliest == .max { current = max(current, end) }
      return []
    }
    var due: [(token: Token, tick: Int64)] = []
    current = max(current, earliest)
    // Beyond one turn the buckets are the same again.
    let last = min(end, current + Int64(Self.buckets))
    for tick in current..<last {
      let bucket = Int(tick % Int64(Self.buckets))
      guard !wheel[bucket].isEmpty else { continue }
      due += wheel[bucket].map { (token: $0, tick: tick) }
      wheel[bucket].removeAll(keepingCapacity: wheel[bucket].count < 64)
    }
    current = end
    earliest = .max
    for tick in current..<current + Int64(Self.buckets)
    where !wheel[Int(tick % Int64(Self.buckets))].isEmpty {
      earliest = tick
      break
    }
    return due
  }
}
