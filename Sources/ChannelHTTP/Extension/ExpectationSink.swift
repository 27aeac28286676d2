/// Hears which digests clients expect of the files that they are sent.
///
/// Some clients know the SHA-256 of a file from an index and send it along, as `X-Expected-SHA256`,
/// when they ask for the file. Whoever knows the index, too, learns of a file that is not what it was
/// before any client has read it.
public struct ExpectationSink: Sendable {
  /// Hears of one request that was answered with the file, or with a part of it, or with the word
  /// that it has not changed.
  ///
  /// The path is percent-decoded and starts with `/`; the digest is as it was sent, which may be
  /// anything. It runs on a thread of the pool, and not at all while the pool has too much to do.
  public var hear: @Sendable (_ path: [UInt8], _ sha256: [UInt8]) -> Void

  /// Creates a sink.
  public init(_ hear: @escaping @Sendable (_ path: [UInt8], _ sha256: [UInt8]) -> Void) {
    self.hear = hear
  }
}
