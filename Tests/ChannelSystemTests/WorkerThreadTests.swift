import ChannelSystem
import Dispatch
import Synchronization
import Testing

@Suite struct WorkerThreadTests {
  private final class Counter: Sendable {
    let value = Mutex(0)
  }

  private struct Owned: ~Copyable, Sendable {
    let counter: Counter
    let amount: Int
    deinit { counter.value.withLock { $0 += 1000 } }
  }

  @Test func `a joined thread has done its work, and what it owned is gone`() throws {
    let counter = Counter()
    for amount in 1...3 {
      let thread = try WorkerThread(
        named: "a name beyond fifteen bytes", owning: Owned(counter: counter, amount: amount)
      ) { owned in owned.counter.value.withLock { $0 += owned.amount } }
      thread.join()
    }
    #expect(counter.value.withLock { $0 } == 3006)
  }

  @Test func `a thread is waited for no longer than told, and then left to itself`() throws {
    let (gate, end) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let stuck = try WorkerThread(named: "stuck") {
      gate.wait()
      end.signal()
    }
    let isStuckOver = stuck.join(within: .zero)
    #expect(!isStuckOver)
    gate.signal()
    end.wait()

    let thread = try WorkerThread(named: "free") {}
    let isOver = thread.join(within: .seconds(Int64.max))
    #expect(isOver)
  }

  @Test func `a call is repeated while signals interrupt it`() throws {
    var answers: [CInt] = [7, -1, -1]
    let result = try systemCall { () -> CInt in
      let answer = answers.removeLast()
      if answer < 0 { Interruption.set() }
      return answer
    }
    #expect(result == 7)
    #expect(answers.isEmpty)
  }
}
