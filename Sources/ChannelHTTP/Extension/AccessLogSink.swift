/// Takes the lines of the access log, wherever they are to go.
public struct AccessLogSink: Sendable {
  /// Takes any number of whole lines in the configured format, each with its line feed.
  ///
  /// It runs on a thread of its own. While it takes its time the server goes on, and lines that
  /// come too fast for it are lost.
  public var write: @Sendable (_ lines: [UInt8]) -> Void

  /// Creates a sink.
  public init(_ write: @escaping @Sendable (_ lines: [UInt8]) -> Void) {
    self.write = write
  }
}
