internal import ChannelSystem
internal import Synchronization
internal import SystemPackage

extension Array where Element: Sendable {
  /// Transforms all elements on up to `threads` threads, the calling one among them.
  ///
  /// `makeContext` is called once a thread; what it makes is lent to each call of `body` there.
  /// Elements are taken in order, and the results stand in the elements' order.
  package func parallelMap<Context: ~Copyable, Output: Sendable>(
    threads: Int, makeContext: @escaping @Sendable () -> Context,
    _ body: @escaping @Sendable (Element, inout Context) -> Output
  ) -> [Output] {
    let work = ParallelWork<Element, Output>(self)
    let run: @Sendable () -> Void = {
      guard var index = work.next() else { return }
      var context = makeContext()
      while true {
        work.finish(index, body(work.items[index], &context))
        guard let following = work.next() else { return }
        index = following
      }
    }
    // A thread that cannot be had makes the work slower, not impossible.
    var helpers: [Helper] = []
    for _ in 1..<Swift.max(1, Swift.min(threads, count)) {
      guard let helper = try? WorkerThread(named: "channel-worker", run) else { break }
      helpers.append(Helper(helper))
    }
    run()
    for helper in helpers { helper.join() }
    return work.results()
  }
}

/// The items still to do and the results so far.
private final class ParallelWork<Item: Sendable, Output: Sendable>: Sendable {
  let items: [Item]
  private let taken = Atomic<Int>(0)
  private let outputs: Mutex<[Output?]>

  init(_ items: [Item]) {
    self.items = items
    outputs = Mutex(Array(repeating: nil, count: items.count))
  }

  func next() -> Int? {
    let index = taken.add(1, ordering: .relaxed).oldValue
    return index < items.count ? index : nil
  }

  func finish(_ index: Int, _ output: Output) {
    outputs.withLock { $0[index] = output }
  }

  func results() -> [Output] {
    outputs.withLock { $0.compactMap(\.self) }
  }
}

/// A thread kept where only copyable values can be.
private final class Helper {
  private var thread: WorkerThread?

  init(_ thread: consuming WorkerThread) {
    self.thread = consume thread
  }

  func join() {
    thread.take()?.join()
  }
}
