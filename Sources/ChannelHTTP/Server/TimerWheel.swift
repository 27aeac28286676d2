/// Deadlines of many connections, kept so that moving one later costs nothing.
///
/// A wheel of buckets, a tenth of a second each. Each connection keeps its own deadline; its entry in
/// a bucket only says when to look at it. One that has moved on by then is entered anew.
///
/// A bucket is a ring of slots, each of which knows its neighbours. So an entry is taken out at once
/// when its connection ends, and those that come and go leave nothing behind.
struct TimerWheel {
  static let tick: Int64 = 100
  private static let buckets = 1024

  private struct Link {
    var previous, next: UInt32
  }

  /// The ring of those whose time has come, after those of the buckets.
  private static let dueRing = buckets
  private static let firstSlot = buckets + 1

  /// The neighbours of each ring's beginning, and then those of each slot.
  ///
  /// What is in no ring is its own neighbour.
  private var links: [Link]
  /// The first tick that has not been looked at.
  private var current: Int64
  /// No bucket before this tick holds anything.
  private var earliest = Int64.max

  /// - Parameter now: The time in milliseconds.
  init(now: Int64) {
    current = now / Self.tick
    links = (0..<UInt32(Self.firstSlot)).map { Link(previous: $0, next: $0) }
  }

  /// Has `slot` looked at soon after `deadline`, or before when that is far away.
  ///
  /// It is looked at once, however often it is entered.
  ///
  /// - Returns: The tick in which it will be.
  mutating func schedule(_ slot: Int, deadline: Int64) -> Int64 {
    let wanted = deadline / Self.tick + 1
    let tick = min(max(wanted, current), current + Int64(Self.buckets) - 1)
    let index = Self.firstSlot + slot
    while links.count <= index {
      let own = UInt32(truncatingIfNeeded: links.count)
      links.append(Link(previous: own, next: own))
    }
    takeOut(index)
    insert(index, index, atEndOf: Self.bucket(tick))
    earliest = min(earliest, tick)
    return tick
  }

  /// Has `slot` not looked at any more.
  mutating func cancel(_ slot: Int) {
    let index = Self.firstSlot + slot
    if index < links.count { takeOut(index) }
  }

  /// Milliseconds until something may be due; -1 when nothing is scheduled.
  func wait(now: Int64) -> Int {
    earliest == .max ? -1 : Int(max(0, (earliest + 1) * Self.tick - now))
  }

  /// Readies for `takeDue()` what is to be looked at by `now`.
  mutating func advance(to now: Int64) {
    let end = now / Self.tick
    guard earliest < end else {
      current = max(current, end)
      return
    }
    current = max(current, earliest)
    // Beyond one turn the buckets are the same again.
    for tick in current..<min(end, current + Int64(Self.buckets)) {
      empty(Self.bucket(tick))
    }
    current = end
    let turn = current..<current + Int64(Self.buckets)
    earliest = turn.first { !isEmpty(Self.bucket($0)) } ?? .max
  }

  /// Takes out one of the slots that are to be looked at now; nil when none is left.
  mutating func takeDue() -> Int? {
    let index = Int(links[Self.dueRing].next)
    guard index != Self.dueRing else { return nil }
    takeOut(index)
    return index - Self.firstSlot
  }

  // MARK: Rings

  private static func bucket(_ tick: Int64) -> Int { Int(tick % Int64(buckets)) }

  private func isEmpty(_ ring: Int) -> Bool { links[ring].next == ring }

  private mutating func takeOut(_ index: Int) {
    let link = links[index]
    links[Int(link.previous)].next = link.next
    links[Int(link.next)].previous = link.previous
    let own = UInt32(truncatingIfNeeded: index)
    links[index] = Link(previous: own, next: own)
  }

  /// Puts those from `first` to `last`, who are neighbours already, into a ring.
  private mutating func insert(_ first: Int, _ last: Int, atEndOf ring: Int) {
    let end = links[ring].previous
    links[Int(end)].next = UInt32(truncatingIfNeeded: first)
    links[first].previous = end
    links[last].next = UInt32(truncatingIfNeeded: ring)
    links[ring].previous = UInt32(truncatingIfNeeded: last)
  }

  /// Has those in the bucket join those who are due.
  private mutating func empty(_ bucket: Int) {
    guard !isEmpty(bucket) else { return }
    let (first, last) = (Int(links[bucket].next), Int(links[bucket].previous))
    takeOut(bucket)
    insert(first, last, atEndOf: Self.dueRing)
  }
}
