package import ChannelHTTP

/// Decides who may ask for what, given who they say they are.
///
/// - 401 for whoever does not say, or says what is not so;
/// - 403 for whoever is known and may not;
/// - 429 for whoever guesses.
///
/// Rights are to channels and never to parts of one, so that whoever may read may read the shard
/// index and `noarch`, too: clients give up on a 403 there.
package struct AccessControl: Sendable {
  /// What may be asked for by anyone, for whoever watches over the server.
  private static let open = ["/-/health", "/-/ready"].map { Array($0.utf8) }
  private static let challenge = "Basic realm=\"conda channel\", charset=\"UTF-8\""
  static let challengeField = HTTPField("WWW-Authenticate", challenge)
  private static let readingMethods: Set = ["GET", "HEAD", "OPTIONS"]

  private let identities: Identities
  /// Whether nobody may read without saying who they are.
  private let requiresIdentity: Bool
  private let limit: GuessLimit
  /// Told of requests that come to nothing: from whom, as far as that is known, and why.
  private let onRefusal: @Sendable (HTTPRequest, _ who: String?, _ why: String) -> Void

  package init(
    _ identities: Identities, requiresIdentity: Bool, limit: GuessLimit = GuessLimit(),
    onRefusal: @escaping @Sendable (HTTPRequest, String?, String) -> Void = { _, _, _ in }
  ) {
    self.identities = identities
    self.requiresIdentity = requiresIdentity
    self.limit = limit
    self.onRefusal = onRefusal
  }

  package var authenticator: Authenticator {
    var authenticator = Authenticator(
      { decide($0, identities.find) }, orDeliberate: { deliberate($0) })
    authenticator.letsAnybodyRead = !requiresIdentity
    return authenticator
  }

  private func deliberate(_ request: HTTPRequest) -> Authenticator.Decision {
    decide(request) { credential in
      // Nothing that takes time is done for whoever has to wait.
      if limit.wait(of: request.remoteAddress) != nil { return identities.find(credential) }
      return identities.examine(credential)
    } ?? .wait(seconds: 1)
  }

  /// Decides; nil where a credential is unclear and no other one is good.
  private func decide(
    _ request: HTTPRequest, _ find: (PresentedCredentials.Credential) -> Identities.Finding
  ) -> Authenticator.Decision? {
    let presented = PresentedCredentials(of: request)
    let path = presented.strippedPath ?? request.path
    func allow(_ user: String?) -> Authenticator.Decision {
      presented.strippedPath.map { .rewrite(path: $0, user: user) } ?? .allow(user: user)
    }
    let isReading = Self.readingMethods.contains(request.method)
    if Self.open.contains(path) { return allow(nil) }
    if presented.credentials.isEmpty, !presented.isMalformed {
      // mamba sends stars instead of what it was given: that is nobody, and no guess either.
      if isReading, !requiresIdentity { return allow(nil) }
      identities.activities.noteStranger(.nothing)
      return .challenge(Self.challenge)
    }

    var (isUnclear, isExpired) = (false, false)
    var guesses: [UInt64] = []
    for credential in presented.credentials {
      switch find(credential) {
      case .identity(let identity):
        let isAllowed =
          isReading
          ? !requiresIdentity || identity.may(.read, at: path) : identity.right >= .publish
        if isAllowed {
          // What becomes of a change is not known before it is made.
          if isReading { identity.activity.note(.reads) }
          return allow(identity.name)
        }
        identity.activity.note(.refusals)
        onRefusal(request, identity.name, "has not the right")
        return .forbid
      case .unclear: isUnclear = true
      case .expired: isExpired = true
      case .nobody(let fingerprint): guesses.append(fingerprint)
      }
    }
    if let seconds = limit.wait(of: request.remoteAddress) {
      identities.activities.noteStranger(.guessing)
      return .wait(seconds: seconds)
    }
    if isUnclear { return nil }
    for guess in guesses where limit.noteFailure(of: request.remoteAddress, fingerprint: guess) {
      onRefusal(request, nil, "sent a secret that is nobody's")
    }
    if isExpired { onRefusal(request, nil, "sent a token that has expired") }
    identities.activities.noteStranger(isExpired && guesses.isEmpty ? .expired : .wrong)
    return .challenge(Self.challenge)
  }
}
