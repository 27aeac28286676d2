internal import ChannelSystem
internal import Synchronization
internal import SystemPackage

/// A thread that whoever holds it may join, once or often.
final class RunningThread: Sendable {
  private let thread: Mutex<WorkerThread?>

  init<Value: ~Copyable & Sendable>(
    named name: String, owning value: consuming Value,
    _ body: @escaping @Sendable (consuming Value) -> Void
  ) throws(Errno) {
    thread = Mutex(try WorkerThread(named: name, owning: value, body))
  }

  convenience init(named name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
    try self.init(named: name, owning: ()) { _ in body() }
  }

  func join() {
    guard let thread = thread.withLock({ $0.take() }) else { return }
    thread.join()
  }
}
