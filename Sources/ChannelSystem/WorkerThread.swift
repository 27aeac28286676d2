internal import CLinux
internal import Glibc
package import SystemPackage

/// A kernel thread that owns one value, runs one closure over it, and can be joined once.
///
/// One that nobody joins is left to itself, and nothing remains of it when it ends.
package struct WorkerThread: ~Copyable, Sendable {
  private let handle: pthread_t

  /// Starts a thread called `name` (at most 15 bytes are kept) that owns `value` from now on.
  ///
  /// The value is handed over in a box because a closure cannot consume what it captured.
  package init<Value: ~Copyable & Sendable>(
    named name: String, owning value: consuming Value,
    _ body: @escaping @Sendable (consuming Value) -> Void
  ) throws(Errno) {
    var value: Value? = consume value
    let start = ThreadStart {
      if let owned = value.take() { body(owned) }
    }
    let box = Unmanaged.passRetained(start)
    var handle = pthread_t()
    let status = pthread_create(
      &handle, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard status == 0 else {
      box.release()
      throw Errno(rawValue: status)
    }
    _ = clinux_name_thread(handle, name)
    self.handle = handle
  }

  /// Starts a thread that owns nothing.
  package init(named name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
    try self.init(named: name, owning: ()) { _ in body() }
  }

  deinit {
    pthread_detach(handle)
  }

  /// Waits for the thread's end.
  package consuming func join() {
    pthread_join(handle, nil)
    discard self
  }

  /// Waits for the thread's end, but no longer than `time`; from then on it is left to itself.
  ///
  /// - Returns: Whether it has ended.
  @discardableResult
  package consuming func join(within time: Duration) -> Bool {
    let milliseconds = max(.zero, min(time, .seconds(86_400 * 365))) / .milliseconds(1)
    let hasEnded = clinux_join(handle, Int64(milliseconds)) == 0
    if hasEnded { discard self } else { _ = consume self }
    return hasEnded
  }
}

/// What a new thread runs.
private final class ThreadStart {
  let run: () -> Void

  init(_ run: @escaping () -> Void) {
    self.run = run
  }
}
