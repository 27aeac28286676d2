/// Answers the requests below one path.
///
///     configuration.responders = [
///       Responder(under: "/-/health") { _ in HTTPResponse(text: "well\n") }
///     ]
///
/// Of several responders and upload routes that fit a request, the one with the longest prefix
/// answers. What none of them fits is looked for among the files.
public struct Responder: Sendable {
  /// Where a responder runs.
  public enum Place: Sendable, Hashable {
    /// On the event loop, which serves nobody else meanwhile: for what takes microseconds.
    case loop
    /// On a thread of the pool: for what reads files, computes, or waits.
    case pool
  }

  /// The path of the server that the responder stands for, with everything below it.
  public var prefix: String
  /// The methods that it answers; nil for all.
  public var methods: Set<String>?
  /// Where it runs.
  public var place: Place
  /// Makes the response; on several threads at once if need be.
  ///
  /// The request has its whole body, of at most `ServerLimits.requestBody` bytes.
  public var respond: @Sendable (HTTPRequest) -> HTTPResponse

  /// Creates a responder.
  public init(
    under prefix: String, methods: Set<String>? = nil, on place: Place = .loop,
    _ respond: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) {
    self.prefix = prefix
    self.methods = methods
    self.place = place
    self.respond = respond
  }
}
