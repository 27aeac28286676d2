import Dispatch
import Synchronization
import Testing

@testable import ChannelHTTP

@Suite struct WorkerPoolTests {
  private final class Count: Sendable {
    let value = Atomic<Int>(0)
  }

  @Test func `everything that is let in is done before the pool is closed`() throws {
    let pool = try WorkerPool(threads: 3, capacity: 1000)
    let count = Count()
    for _ in 0..<1000 {
      #expect(pool.submit { count.value.add(1, ordering: .relaxed) })
    }
    pool.close(within: .seconds(600))

    #expect(count.value.load(ordering: .relaxed) == 1000)
    #expect(!pool.submit {})
  }

  @Test func `a full pool refuses what is new and goes on with what it has begun`() throws {
    let pool = try WorkerPool(threads: 1, capacity: 1)
    let (begun, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    #expect(
      pool.submit {
        begun.signal()
        gate.wait()
      })
    begun.wait()

    #expect(pool.submit {})
    #expect(!pool.submit {})
    #expect(pool.submit(isContinuation: true) {})
    gate.signal()
    pool.close(within: .seconds(600))
  }

  @Test func `work is done side by side`() throws {
    let pool = try WorkerPool(threads: 2, capacity: 2)
    let (first, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    // Each waits for the other.
    #expect(
      pool.submit {
        first.signal()
        second.wait()
      })
    #expect(
      pool.submit {
        second.signal()
        first.wait()
      })
    pool.close(within: .seconds(600))
  }

  @Test func `only those who have nothing to do are asked for help`() throws {
    let pool = try WorkerPool(threads: 2, capacity: 5)
    let (begun, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let wait: WorkerPool.Work = {
      begun.signal()
      gate.wait()
    }
    #expect(pool.submit(wait))
    begun.wait()
    #expect(pool.submitIfIdle(wait))
    begun.wait()

    #expect(!pool.submitIfIdle {}, "both are busy")
    #expect(pool.submit {}, "what must be done can wait for them")
    for _ in 0..<2 { gate.signal() }
    pool.close(within: .seconds(600))
    #expect(!pool.submitIfIdle {})
  }

  @Test func `work that does not end is left, and what waits behind it dropped`() throws {
    let pool = try WorkerPool(threads: 1, capacity: 2)
    let (begun, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let (isOver, isDone) = (DispatchSemaphore(value: 0), Count())
    #expect(
      pool.submit {
        begun.signal()
        gate.wait()
        isOver.signal()
      })
    begun.wait()
    weak var dropped: Count?
    func submitWhatIsDropped() -> Bool {
      let needed = Count()
      dropped = needed
      return pool.submit { needed.value.add(1, ordering: .relaxed) }
    }
    #expect(submitWhatIsDropped())
    #expect(pool.submit(isContinuation: true) { isDone.value.add(1, ordering: .relaxed) })
    #expect(dropped != nil)
    pool.close(within: .zero)

    #expect(dropped == nil, "nothing is left that could be done")
    #expect(isDone.value.load(ordering: .relaxed) == 1, "a continuation is done all the same")
    #expect(!pool.submit(isContinuation: true) {})
    gate.signal()
    isOver.wait()
  }
}
