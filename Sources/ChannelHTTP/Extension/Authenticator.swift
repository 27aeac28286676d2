/// Decides who may ask for what.
///
/// It is asked about every request before anything is resolved and before any of the body is read.
/// It runs on the event loop, which serves nobody else meanwhile, so it should not take more than
/// microseconds: what is slow, as the checking of a password is, should be remembered.
public struct Authenticator: Sendable {
  /// What may become of a request.
  public enum Decision: Sendable, Hashable {
    /// It is answered; the access log names the user.
    case allow(user: String? = nil)
    /// It is answered as if it had asked for another path, percent-decoded and starting with `/`.
    ///
    /// The access log shows that path too, and so no secret that was part of the first.
    case rewrite(path: [UInt8], user: String? = nil)
    /// It is answered 401, with this as the value of `WWW-Authenticate`.
    case challenge(String)
    /// It is answered 403.
    case forbid
  }

  /// Decides about one request.
  public var decide: @Sendable (HTTPRequest) -> Decision

  /// Creates an authenticator.
  public init(_ decide: @escaping @Sendable (HTTPRequest) -> Decision) {
    self.decide = decide
  }
}
