/// Decides who may ask for what.
///
/// It is asked about every request before anything is resolved and before any of the body is read.
public struct Authenticator: Sendable {
  /// What may become of a request.
  public enum Decision: Sendable, Hashable {
    /// It is answered; the access log names the user, and so does the request.
    case allow(user: String? = nil)
    /// It is answered as if it had asked for another path, percent-decoded and starting with `/`.
    ///
    /// The access log shows that path too, and so no secret that was part of the first.
    case rewrite(path: [UInt8], user: String? = nil)
    /// It is answered 401, with this as the value of `WWW-Authenticate`.
    case challenge(String)
    /// It is answered 403.
    case forbid
    /// It is answered 429, and not looked at again before so many seconds have passed.
    case wait(seconds: Int)
  }

  /// Decides about one request, or answers nil where that takes more than microseconds.
  ///
  /// It runs on the event loop, which serves nobody else meanwhile.
  public var decide: @Sendable (HTTPRequest) -> Decision?

  /// Decides where `decide` did not, on a thread of the pool; what it finds should be remembered.
  public var deliberate: @Sendable (HTTPRequest) -> Decision

  /// Whether anybody may read files who presents nothing, so that nothing has to be asked for that.
  ///
  /// A GET or HEAD without `Authorization`, without `X-API-Key` and without what could be a token in
  /// the path, see ``PresentedCredentials``, is answered then as if `decide` had said `.allow()`. That
  /// costs no more than where there is no authenticator.
  public var letsAnybodyRead = false

  /// Creates an authenticator that always decides at once.
  public init(_ decide: @escaping @Sendable (HTTPRequest) -> Decision) {
    self.decide = decide
    deliberate = decide
  }

  /// Creates an authenticator that takes its time where it has to, as with passwords.
  public init(
    _ decide: @escaping @Sendable (HTTPRequest) -> Decision?,
    orDeliberate deliberate: @escaping @Sendable (HTTPRequest) -> Decision
  ) {
    self.decide = decide
    self.deliberate = deliberate
  }
}
