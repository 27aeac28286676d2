/// Takes one upload as it arrives.
///
/// The calls come one after the other, on threads of the pool. The client is read only as fast as
/// the pieces are taken. After the last piece comes `finish()`; where the upload comes to nothing,
/// `abandon()` instead, unless it was the receiver itself that ended it.
public protocol UploadReceiver: Sendable {
  /// Takes the next piece of the body.
  ///
  /// - Returns: Nil to go on; a response to end the upload at once, after which nothing more of the
  ///   receiver is called.
  mutating func receive(_ piece: [UInt8]) -> HTTPResponse?

  /// Has an upload answered of which everything has been received.
  ///
  /// The response may be made elsewhere and later, so that no thread of the pool waits for it; it is
  /// given once. The client may be gone by then.
  mutating func finish(_ answer: @escaping @Sendable (HTTPResponse) -> Void)

  /// Forgets an upload that was broken off, by its client, because it went beyond a limit, or because
  /// the server stops.
  ///
  /// When it stops and all threads of the pool are busy, the thread that stops it makes the call.
  mutating func abandon()
}

/// Where bodies too large to be gathered in memory may be sent to.
public struct UploadRoute: Sendable {
  /// What becomes of an upload.
  public enum Decision: Sendable {
    /// The body is read and handed to the receiver. A client that waits for `100 Continue` gets it.
    case receive(any UploadReceiver)
    /// The body is not read.
    case refuse(HTTPResponse)
  }

  /// The path of the server below which uploads are taken.
  public var prefix: String
  /// The methods of uploads.
  public var methods: Set<String>
  /// Bytes of the largest body; one that is larger is answered 413.
  public var limit: Int
  /// Decides by the head of the request, on a thread of the pool.
  public var decide: @Sendable (HTTPRequest) -> Decision

  /// Creates a route.
  public init(
    under prefix: String, methods: Set<String> = ["PUT"], limit: Int,
    _ decide: @escaping @Sendable (HTTPRequest) -> Decision
  ) {
    self.prefix = prefix
    self.methods = methods
    self.limit = limit
    self.decide = decide
  }
}
