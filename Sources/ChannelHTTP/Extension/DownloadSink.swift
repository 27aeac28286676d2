/// Hears how often files are downloaded.
///
/// A download is a GET that is answered with the whole file, or with a part that begins at its first
/// byte, so that one which is resumed counts once. Whether the client takes all of it is not known
/// then. HEAD, and the word that a file has not changed, are none.
public struct DownloadSink: Sendable {
  /// How the names of the files end that are of interest, such as `.conda`.
  public var suffixes: [String]
  /// Hears how often each file was downloaded since this was last called.
  ///
  /// The paths are percent-decoded and start with `/`. It is told some tenths of a second later, on
  /// any thread, and of all that is left before `HTTPServer.stop()` returns.
  public var hear: @Sendable (_ downloads: [[UInt8]: Int]) -> Void

  /// Creates a sink.
  public init(suffixes: [String], _ hear: @escaping @Sendable (_ downloads: [[UInt8]: Int]) -> Void)
  {
    self.suffixes = suffixes
    self.hear = hear
  }
}
