internal import ArgumentParser
internal import ChannelHTTP

/// Who asks, and how much.
struct AccessArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Answer 429 to an address that makes more requests than so many a second (/m: a minute, /h: an \
      hour), and than so many at once; health checks do not count.
      """, valueName: "n[/s][:burst]"),
    transform: Self.rateLimit)
  var rateLimit: RateLimit?

  @Option(
    name: .customLong("trusted-proxy"),
    help: ArgumentHelp(
      """
      Believe proxies at these addresses when they say for whom they ask, in Forwarded or \
      X-Forwarded-For; 'unix' for those that connect to a socket. May be repeated.
      """, valueName: "address/bits"),
    transform: Self.proxy)
  var trustedProxies: [TrustedProxy] = []

  private static func rateLimit(_ text: String) throws -> RateLimit {
    guard let limit = RateLimit(text) else {
      throw ValidationError("must be a number of requests, as in 50, 50/s or 600/m:100")
    }
    return limit
  }

  private static func proxy(_ text: String) throws -> TrustedProxy {
    guard let proxy = TrustedProxy(text) else {
      throw ValidationError(
        "must be an address or a network, as in 10.0.0.1, 10.0.0.0/8 or fd00::/8, or 'unix'")
    }
    return proxy
  }

  func apply(to configuration: inout ServerConfiguration) {
    configuration.trustedProxies = trustedProxies
    configuration.rateLimit = rateLimit
    configuration.rateLimit?.exemptPaths = ["/-/health", "/-/ready"]
  }
}
