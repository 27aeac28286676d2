import Testing

@testable import ChannelHTTP

@Suite struct TimerWheelTests {
  private var wheel = TimerWheel(now: 0)

  /// The slots that are to be looked at by then, in order.
  private mutating func due(_ now: Int64) -> [Int] {
    wheel.advance(to: now)
    var slots: [Int] = []
    while let slot = wheel.takeDue() { slots.append(slot) }
    return slots.sorted()
  }

  @Test(arguments: [0, 1, 99, 100, 101, 5000, 102_000])
  mutating func `a slot is looked at once, in the tenth of a second after its deadline`(
    _ deadline: Int64
  ) {
    let tick = wheel.schedule(7, deadline: deadline)
    let time = (tick + 1) * TimerWheel.tick

    #expect((deadline + 1...deadline + 200).contains(time))
    #expect(wheel.wait(now: 0) == Int(time))
    #expect(due(time - 1) == [])
    #expect(due(time) == [7])
    #expect(due(time + 1_000_000) == [])
    #expect(wheel.wait(now: time) == -1)
  }

  @Test mutating func `a deadline that is far away is asked about before`() {
    let tick = wheel.schedule(7, deadline: 10_000_000)
    #expect(tick < 10_000_000 / TimerWheel.tick)
    #expect(due((tick + 1) * TimerWheel.tick) == [7])
  }

  @Test mutating func `a slot that is entered anew is looked at where it was entered last`() {
    _ = wheel.schedule(7, deadline: 5000)
    _ = wheel.schedule(7, deadline: 1000)
    #expect(due(1200) == [7])
    #expect(due(6000) == [])

    _ = wheel.schedule(7, deadline: 7000)
    _ = wheel.schedule(7, deadline: 9000)
    #expect(due(8000) == [])
    #expect(due(9200) == [7])
  }

  @Test(arguments: 0..<3)
  mutating func `one that has left is not looked at, and its neighbours are`(_ leaving: Int) {
    for slot in 0..<3 { _ = wheel.schedule(slot, deadline: 1000) }
    wheel.cancel(leaving)
    wheel.cancel(leaving)
    #expect(due(2000) == [0, 1, 2].filter { $0 != leaving })
  }

  @Test mutating func `one may leave while others that are due are looked at`() {
    for slot in 0..<3 { _ = wheel.schedule(slot, deadline: 1000) }
    wheel.advance(to: 2000)
    #expect(wheel.takeDue() == 0)
    wheel.cancel(1)
    #expect(wheel.takeDue() == 2)
    #expect(wheel.takeDue() == nil)
  }

  @Test mutating func `one that is entered while others are looked at waits for its own time`() {
    for slot in 0..<2 { _ = wheel.schedule(slot, deadline: 1000) }
    // Long enough for every bucket to have been turned to.
    wheel.advance(to: 1_000_000)
    #expect(wheel.takeDue() == 0)
    _ = wheel.schedule(0, deadline: 1_000_000)
    #expect(wheel.takeDue() == 1)
    #expect(wheel.takeDue() == nil)
    #expect(due(1_000_200) == [0])
  }

  @Test mutating func `whoever was never entered may leave`() {
    wheel.cancel(7)
    _ = wheel.schedule(3, deadline: 1000)
    wheel.cancel(7)
    #expect(due(2000) == [3])
  }

  @Test mutating func `a wheel that all have left wakes the loop once at most`() {
    for slot in 0..<100 { _ = wheel.schedule(slot, deadline: Int64(slot) * 1000) }
    for slot in 0..<100 { wheel.cancel(slot) }
    #expect(due(Int64(wheel.wait(now: 0))) == [])
    #expect(wheel.wait(now: 0) == -1)
  }

  @Test(arguments: 1...20)
  mutating func `whatever comes and goes, all that is due is looked at and nothing else`(
    _ seed: UInt64
  ) {
    var chance = SplitMix(seed: seed)
    var ticks: [Int: Int64] = [:]
    var now: Int64 = 0
    for _ in 0..<3000 {
      let slot = Int.random(in: 0..<50, using: &chance)
      switch Int.random(in: 0..<10, using: &chance) {
      case 0..<5:
        let deadline = now + Int64.random(in: -500...200_000, using: &chance)
        ticks[slot] = wheel.schedule(slot, deadline: deadline)
      case 5..<8:
        wheel.cancel(slot)
        ticks[slot] = nil
      default:
        let isLong = Int.random(in: 0..<20, using: &chance) == 0
        now += Int64.random(in: 0...(isLong ? 300_000 : 2000), using: &chance)
        let expected = ticks.filter { $0.value < now / TimerWheel.tick }.keys
        #expect(due(now) == expected.sorted())
        for slot in expected { ticks[slot] = nil }
      }
      let first = ticks.values.min().map { ($0 + 1) * TimerWheel.tick - now }
      if let first { #expect((0...Int(max(0, first))).contains(wheel.wait(now: now))) }
    }
  }

  /// Numbers that are the same in every run.
  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }
}
