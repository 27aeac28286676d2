internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// The signals that end a watch in order, taken out of the way of every thread.
struct StopSignals: Sendable {
  /// Becomes readable when the first of them arrives; a second one does not wait.
  let descriptor: FileDescriptor

  init() throws {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let pipe = try FileDescriptor.pipe()
    descriptor = pipe.readEnd
    let waited = set
    _ = try WorkerThread(named: "signals") {
      var set = waited
      var number: CInt = 0
      while sigwait(&set, &number) != 0 {}
      _ = try? pipe.writeEnd.writeAll([0])
      while sigwait(&set, &number) != 0 {}
      _exit(1)
    }
  }
}
