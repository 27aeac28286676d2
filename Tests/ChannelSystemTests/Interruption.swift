import Glibc

/// Makes the last call look as if a signal had interrupted it.
enum Interruption {
  static func set() { errno = EINTR }
}
