import Glibc

/// The signals that end the process in order, taken out of the way of every thread.
struct Signals: Sendable {
  private let set: sigset_t

  init() {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    // A terminal that goes away, and the habit of other servers to take these for orders, must not
    // end this one.
    signal(SIGHUP, SIG_IGN)
    signal(SIGUSR1, SIG_IGN)
    self.set = set
  }

  /// Returns when one of them arrives.
  func wait() {
    var set = set
    var number: CInt = 0
    while sigwait(&set, &number) != 0 {}
  }
}
