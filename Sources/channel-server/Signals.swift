import Glibc

/// The signals that tell the server something, taken out of the way of every thread.
struct Signals: Sendable {
  private let set: sigset_t

  init() {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] { sigaddset(&set, number) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    // Whoever read what is said may be gone.
    signal(SIGPIPE, SIG_IGN)
    self.set = set
  }

  /// The next of them to arrive, waited for.
  func next() -> CInt {
    var set = set
    var number: CInt = 0
    while sigwait(&set, &number) != 0 {}
    return number
  }
}
