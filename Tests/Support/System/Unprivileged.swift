internal import ChannelSystem
internal import Glibc
internal import Synchronization

/// Runs code that file permissions bind, even when the tests run as root.
package enum Unprivileged {
  /// What `body` returns on a thread that has no right to override permissions.
  ///
  /// Only that thread is changed, and for the file system only; threads that it starts inherit it.
  package static func run<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) throws -> Value {
    guard geteuid() == 0 else { return try body() }
    guard let symbol = dlsym(nil, "setfsuid") else { throw Missing() }
    let setfsuid = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> CInt).self)
    let result = Result<Value, any Error>.failure(Missing())
    let box = Box(result)
    let thread = try WorkerThread(named: "unprivileged") {
      // The user that owns nothing. The kernel drops the thread's right to override permissions.
      _ = setfsuid(65534)
      let outcome = Result { try body() }
      box.value.withLock { $0 = outcome }
    }
    thread.join()
    return try box.value.withLock { $0 }.get()
  }

  private struct Missing: Error {}

  private final class Box<Value: Sendable>: Sendable {
    let value: Mutex<Result<Value, any Error>>

    init(_ value: Result<Value, any Error>) {
      self.value = Mutex(value)
    }
  }
}
