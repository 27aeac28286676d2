// Who asks, and whether they ask too much.
extension EventLoop {
  /// What is looked at before a request is answered.
  struct AccessRules: Sendable {
    let proxies: TrustedProxies
    /// Shared by all loops of a server.
    let limiter: RateLimiter?

    init?(_ configuration: ServerConfiguration) {
      proxies = TrustedProxies(configuration.trustedProxies)
      limiter = configuration.rateLimit.map(RateLimiter.init)
      if proxies.isEmpty, limiter == nil { return nil }
    }
  }

  /// Learns what matters of a connection's peer.
  func identify(_ connection: Connection) {
    forgetClient(of: connection)
    connection.proxy = nil
    guard let rules else { return }
    let address = IPAddress(connection.peer.span)
    // What has no address comes by way of the file system, if it is known at all.
    let isKnown = address != nil || connection.peer.starts(with: "unix:".utf8)
    let isTrusted = isKnown && rules.proxies.trusts(address)
    connection.client = address
    connection.proxy = isTrusted ? .init(address: address, text: connection.peer) : nil
  }

  /// Learns who has sent the request that the parser holds, and answers it when it is one too many.
  ///
  /// - Returns: Whether it may be answered otherwise.
  mutating func admit(_ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let rules else { return true }
    if let proxy = connection.proxy {
      let client = rules.proxies.client(of: parser.head, in: bytes.span, from: proxy.address)
      connection.isSecure = client.isSecure
      if client.address != connection.client {
        connection.client = client.address
        connection.peer = client.address == proxy.address ? proxy.text : client.address?.text ?? []
      }
    }
    guard let limiter = rules.limiter, let client = connection.client,
      !limiter.exempts(bytes.span.extracting(parser.head.path)),
      let seconds = limiter.wait(for: client, now: milliseconds * 1_000_000)
    else { return true }
    metrics?.add(to: .limited)
    let field: (name: StaticString, value: [UInt8]) = ("Retry-After", Array("\(seconds)".utf8))
    answer(connection, .tooManyRequests, bytes, [field])
    return false
  }

  /// Forgets for whom a proxy asked last, when it is not known for whom it asks now.
  func forgetClient(of connection: Connection) {
    guard let proxy = connection.proxy else { return }
    connection.client = proxy.address
    connection.peer = proxy.text
    connection.isSecure = false
  }
}
