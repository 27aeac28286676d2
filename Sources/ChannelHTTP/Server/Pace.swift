/// How fast a client has shown that it reads, which decides how much the kernel holds for it.
///
/// What lies in a socket's buffer is memory that all connections of the machine share, and clients
/// that read nothing could take it all. A client that is fast gets more, since large turns cost less.
struct Pace {
  /// Bytes that the kernel holds unsent for a client that has shown nothing.
  static let unprovenLimit: CInt = 131_072
  /// Bytes that it holds for one that keeps up.
  static let provenLimit: CInt = 1_048_576
  /// Bytes that a client must take within a second.
  private static let proof = 1_048_576

  private var isProven = false
  private var sent = 0
  private var time: Int64 = 0

  /// Takes note of how many bytes were ever sent by `now`, in milliseconds.
  ///
  /// - Returns: Whether the client has just shown that it keeps up.
  mutating func note(sent: Int, now: Int64) -> Bool {
    guard !isProven, sent - self.sent >= Self.proof else { return false }
    isProven = now - time < 1000
    self.sent = sent
    time = now
    return isProven
  }
}
