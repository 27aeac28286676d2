internal import ChannelSystem
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The signal that a write to a vanished reader raises.
enum BrokenPipes {
  /// Keeps the signal from the calling thread, and so from the process.
  ///
  /// Unlike send, neither sendfile nor write has a flag against it; blocked for threads of ours
  /// alone, it troubles nobody else in the process.
  static func ignore() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}

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

  /// Waits no longer than `time`; from then on the thread is left to itself.
  func join(within time: Duration) {
    guard let thread = thread.withLock({ $0.take() }) else { return }
    thread.join(within: time)
  }
}
