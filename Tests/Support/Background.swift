import ChannelSystem
package import SystemPackage

/// Work on a thread of its own, for tests that do two things at once.
package struct Background: ~Copyable {
  private let thread: WorkerThread

  package init(_ body: @escaping @Sendable () -> Void) throws(Errno) {
    thread = try WorkerThread(named: "test", body)
  }

  /// Waits for the work's end.
  package consuming func wait() {
    thread.join()
  }
}
