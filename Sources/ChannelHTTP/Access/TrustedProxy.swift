/// Proxies that are believed when they say for whom they ask.
///
/// They say so in `Forwarded` (RFC 7239) or in `X-Forwarded-For` and `X-Forwarded-Proto`. From anyone
/// else these fields mean nothing.
public struct TrustedProxy: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case network(IPNetwork)
    /// Whoever connects by way of the file system.
    case unixSockets
  }

  let kind: Kind

  /// Reads an address, a network as in `10.0.0.0/8` or `fd00::/8`, or `unix` for whoever connects to
  /// a socket in the file system; nil when the text is none of them.
  public init?(_ text: String) {
    if text == "unix" {
      kind = .unixSockets
    } else if let network = IPNetwork(text) {
      kind = .network(network)
    } else {
      return nil
    }
  }
}

/// Finds out who asks where proxies ask for others.
struct TrustedProxies: Sendable {
  private var networks: [IPNetwork] = []
  private var trustsUnixSockets = false

  init(_ proxies: [TrustedProxy]) {
    for proxy in proxies {
      switch proxy.kind {
      case .network(let network): networks.append(network)
      case .unixSockets: trustsUnixSockets = true
      }
    }
  }

  var isEmpty: Bool { networks.isEmpty && !trustsUnixSockets }

  /// Whether a peer is believed; nil stands for one that has no address.
  func trusts(_ peer: IPAddress?) -> Bool {
    guard let peer else { return trustsUnixSockets }
    for network in networks where network.contains(peer) { return true }
    return false
  }

  /// Who asks, and how they reached the first proxy.
  struct Client: Equatable {
    /// Nil when all that is known is a peer without an address.
    var address: IPAddress?
    var isSecure = false
  }

  /// Who asks by way of a trusted peer.
  ///
  /// Each proxy adds at the end of the list who asked it. So the list is read from the end, as long as
  /// those that it names are trusted themselves: what stands before the first other was sent by that
  /// other, and may be invented. The same goes for a field that the proxy passed on without a look:
  /// where both fields are there and disagree, neither is believed.
  func client(of head: RequestHead, in bytes: Span<UInt8>, from peer: IPAddress?) -> Client {
    var known: Client?
    if head.present.contains(.only(.forwarded)) {
      known = walk(ForwardedNodes.forwarded(head, in: bytes), in: bytes, from: peer)
    }
    if head.present.contains(.only(.forwardedFor)) {
      let other = walk(ForwardedNodes.forwardedFor(head, in: bytes), in: bytes, from: peer)
      if let known, known.address != other.address { return Client(address: peer) }
      known = known ?? other
    }
    var client = known ?? Client(address: peer)
    if !head.present.contains(.only(.forwarded)) {
      client.isSecure = ForwardedNodes.lastProtocolIsSecure(head, in: bytes)
    }
    return client
  }

  private func walk(
    _ nodes: [ForwardedNodes.Node], in bytes: Span<UInt8>, from peer: IPAddress?
  ) -> Client {
    var client = Client(address: peer)
    for node in nodes.reversed() {
      // Whom somebody would not name, nobody knows; the one before is as far as it goes.
      guard let name = node.name, let address = ForwardedNodes.address(bytes.extracting(name))
      else { break }
      client = Client(address: address, isSecure: node.isSecure)
      if !trusts(address) { break }
    }
    return client
  }
}
