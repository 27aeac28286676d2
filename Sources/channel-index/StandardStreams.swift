internal import Glibc

/// Standard input, output and error.
enum StandardStreams {
  /// Opens those that the caller closed, on nothing: the next file would get their number, and what is
  /// printed would end up in it.
  static func reserve() {
    while true {
      let descriptor = open("/dev/null", O_RDWR)
      guard (0...STDERR_FILENO).contains(descriptor) else {
        if descriptor > STDERR_FILENO { close(descriptor) }
        return
      }
    }
  }
}
