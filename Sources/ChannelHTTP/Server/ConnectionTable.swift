/// The open connections of one loop, and the order in which the idle ones became idle.
struct ConnectionTable {
  private var slots: [Connection?] = []
  private var generations: [UInt32] = []
  private var free: [Int] = []
  private(set) var count = 0
  private var oldestIdle: Int32 = -1
  private var newestIdle: Int32 = -1

  /// A token for a connection that is about to be inserted; no other had it for four thousand
  /// million connections in the same slot.
  mutating func makeToken() -> UInt64 {
    let slot: Int
    if let last = free.popLast() {
      slot = last
    } else {
      slot = slots.count
      slots.append(nil)
      generations.append(0)
    }
    generations[slot] &+= 1
    return UInt64(generations[slot]) << 32 | UInt64(slot)
  }

  mutating func insert(_ connection: Connection) {
    slots[connection.slot] = connection
    count += 1
  }

  /// Gives back a token that came to nothing.
  mutating func discard(_ token: UInt64) {
    free.append(Int(token & 0xFFFF_FFFF))
  }

  /// The connection that has `token`; nil once it is closed, even if another has its slot.
  subscript(token: UInt64) -> Connection? {
    let slot = Int(token & 0xFFFF_FFFF)
    guard slot < slots.count, let connection = slots[slot], connection.token == token else {
      return nil
    }
    return connection
  }

  /// The connection that has a slot; nil once it is closed and no other has come.
  func connection(in slot: Int) -> Connection? { slots[slot] }

  mutating func remove(_ connection: Connection) {
    leaveIdle(connection)
    slots[connection.slot] = nil
    free.append(connection.slot)
    count -= 1
  }

  var all: [Connection] { slots.compactMap { $0 } }

  /// The connection that has been idle longest.
  var longestIdle: Connection? { oldestIdle < 0 ? nil : slots[Int(oldestIdle)] }

  /// Puts the connection at the end of the idle ones.
  mutating func becomeIdle(_ connection: Connection) {
    if connection.isIdle {
      guard connection.nextIdle >= 0 else { return }
      leaveIdle(connection)
    }
    connection.isIdle = true
    connection.previousIdle = newestIdle
    connection.nextIdle = -1
    let slot = Int32(truncatingIfNeeded: connection.slot)
    if newestIdle >= 0 { slots[Int(newestIdle)]?.nextIdle = slot } else { oldestIdle = slot }
    newestIdle = slot
  }

  mutating func leaveIdle(_ connection: Connection) {
    guard connection.isIdle else { return }
    let (previous, next) = (connection.previousIdle, connection.nextIdle)
    if previous >= 0 { slots[Int(previous)]?.nextIdle = next } else { oldestIdle = next }
    if next >= 0 { slots[Int(next)]?.previousIdle = previous } else { newestIdle = previous }
    connection.isIdle = false
    connection.previousIdle = -1
    connection.nextIdle = -1
  }
}
