internal import CLinux
internal import ChannelSystem
internal import Synchronization
internal import SystemPackage

/// A few threads for what would hold up an event loop.
///
/// Threads begin when there is work for them, so that a server that never needs one has none.
final class WorkerPool: Sendable {
  typealias Work = @Sendable () -> Void

  private struct Job {
    let work: Work
    let isContinuation: Bool
  }

  private struct State {
    /// The next piece of work is the one at `first`.
    var queue: [Job?] = []
    var first = 0
    var threads: [RunningThread] = []
    var busy = 0
    var isClosed = false

    var waiting: Int { queue.count - first }

    mutating func takeFirst() -> Job? {
      guard first < queue.count else { return nil }
      defer {
        first += 1
        if first == queue.count {
          queue.removeAll(keepingCapacity: true)
          first = 0
        }
      }
      return queue[first].take()
    }

    mutating func takeAll() -> [Job] {
      defer {
        queue = []
        first = 0
      }
      return queue.compactMap(\.self)
    }
  }

  private let state = Mutex(State())
  /// Counts what is queued; reading it takes one off, or waits for one.
  private let signal: Descriptor
  private let limit: Int
  private let capacity: Int

  /// - Parameters:
  ///   - threads: How many there may be.
  ///   - capacity: How much work may wait for one of them.
  /// - Throws: `Errno` when the system has no descriptor to give.
  init(threads: Int, capacity: Int) throws(Errno) {
    limit = max(1, threads)
    self.capacity = capacity
    signal = Descriptor(owning: try systemCall { eventfd(0, CInt(EFD_CLOEXEC | EFD_SEMAPHORE)) })
  }

  /// Has `work` done by a thread of the pool, in the order of submission.
  ///
  /// A continuation goes on with what was let in before, and so is never refused while the pool is
  /// open, and always done.
  ///
  /// - Returns: Whether it was let in.
  func submit(isContinuation: Bool = false, _ work: @escaping Work) -> Bool {
    submit(Job(work: work, isContinuation: isContinuation)) { state in
      isContinuation || state.waiting < capacity
    }
  }

  /// Has `work` done at once by a thread that has nothing else to do, if there is or may be one.
  ///
  /// - Returns: Whether it was let in.
  func submitIfIdle(_ work: @escaping Work) -> Bool {
    submit(Job(work: work, isContinuation: false)) { state in
      state.busy + state.waiting < limit
    }
  }

  private func submit(_ job: Job, if isWelcome: (borrowing State) -> Bool) -> Bool {
    let isAccepted = state.withLock { state -> Bool in
      guard !state.isClosed, isWelcome(state) else { return false }
      if state.waiting >= state.threads.count - state.busy, state.threads.count < limit {
        let name = "http-worker-\(state.threads.count)"
        if let thread = try? RunningThread(named: name, { [self] in run() }) {
          state.threads.append(thread)
        }
      }
      guard !state.threads.isEmpty else { return false }
      state.queue.append(job)
      return true
    }
    if isAccepted { _ = eventfd_write(signal.raw.rawValue, 1) }
    return isAccepted
  }

  /// Lets nothing more in, and returns when all is done that was let in, or when the time is up.
  ///
  /// What has begun by then cannot be broken off: its thread goes on with it, keeps alive what it
  /// needs for it, and then ends. What has not begun is dropped; continuations are done here.
  func close(within time: Duration) {
    let deadline = ContinuousClock.now + time
    let threads = state.withLock { state in
      state.isClosed = true
      defer { state.threads = [] }
      return state.threads
    }
    // One for each thread, beyond those for the work that is left.
    _ = eventfd_write(signal.raw.rawValue, eventfd_t(threads.count))
    for thread in threads { thread.join(within: deadline - .now) }
    let left = state.withLock { $0.takeAll() }
    for job in left where job.isContinuation { job.work() }
  }

  private func run() {
    BrokenPipes.ignore()
    while true {
      var count: eventfd_t = 0
      _ = try? systemCall { eventfd_read(signal.raw.rawValue, &count) }
      let (job, isClosed) = state.withLock { state in
        let job = state.takeFirst()
        if job != nil { state.busy += 1 }
        return (job, state.isClosed)
      }
      if let job {
        job.work()
        state.withLock { $0.busy -= 1 }
      } else if isClosed {
        return
      }
    }
  }
}
