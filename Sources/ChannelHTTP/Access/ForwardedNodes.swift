/// Reads what proxies say of those who asked them.
enum ForwardedNodes {
  /// One who asked a proxy.
  struct Node: Equatable {
    /// Where it is named; nil for one that is not.
    var name: Range<Int>?
    var isSecure = false
  }

  /// The nodes of `Forwarded`, the nearest last: RFC 7239 section 4.
  ///
  /// An element that is malformed names nobody.
  static func forwarded(_ head: RequestHead, in bytes: Span<UInt8>) -> [Node] {
    var nodes: [Node] = []
    for value in head.values(of: .forwarded) {
      var rest = value
      while !rest.isEmpty {
        let element = take(from: &rest, in: bytes, until: ASCII.comma)
        if !bytes.trimmed(element).isEmpty { nodes.append(node(element, in: bytes)) }
      }
    }
    return nodes
  }

  /// The nodes of `X-Forwarded-For`, the nearest last.
  static func forwardedFor(_ head: RequestHead, in bytes: Span<UInt8>) -> [Node] {
    var nodes: [Node] = []
    for value in head.values(of: .forwardedFor) {
      var rest = value
      while !rest.isEmpty {
        let member = bytes.trimmed(take(from: &rest, in: bytes, until: ASCII.comma))
        if !member.isEmpty { nodes.append(Node(name: member)) }
      }
    }
    return nodes
  }

  /// Whether the nearest proxy was reached by HTTPS, as it says in `X-Forwarded-Proto`.
  static func lastProtocolIsSecure(_ head: RequestHead, in bytes: Span<UInt8>) -> Bool {
    var isSecure = false
    for value in head.values(of: .forwardedProto) {
      bytes.extracting(value).forEachListMember { isSecure = $0.equalsIgnoringCase("https") }
    }
    return isSecure
  }

  private static func node(_ element: Range<Int>, in bytes: Span<UInt8>) -> Node {
    var node = Node()
    var rest = element
    while !rest.isEmpty {
      let pair = bytes.trimmed(take(from: &rest, in: bytes, until: ASCII.semicolon))
      guard let equals = pair.first(where: { bytes[$0] == ASCII.equals }) else { continue }
      let name = bytes.extracting(pair.lowerBound..<equals)
      var value = equals + 1..<pair.upperBound
      if value.count >= 2, bytes[value.lowerBound] == ASCII.quote,
        bytes[value.upperBound - 1] == ASCII.quote
      {
        value = value.lowerBound + 1..<value.upperBound - 1
      }
      if name.equalsIgnoringCase("for") { node.name = value }
      if name.equalsIgnoringCase("proto") {
        node.isSecure = bytes.extracting(value).equalsIgnoringCase("https")
      }
    }
    return node
  }

  /// Takes what comes before the next separator that no quotes surround, and the separator.
  private static func take(
    from rest: inout Range<Int>, in bytes: Span<UInt8>, until separator: UInt8
  ) -> Range<Int> {
    var index = rest.lowerBound
    var isQuoted = false
    while index < rest.upperBound, isQuoted || bytes[index] != separator {
      if bytes[index] == ASCII.quote { isQuoted.toggle() }
      // An escaped quote ends nothing.
      if isQuoted, bytes[index] == 0x5C { index += 1 }
      index += 1
    }
    let end = min(index, rest.upperBound)
    defer { rest = min(end + 1, rest.upperBound)..<rest.upperBound }
    return rest.lowerBound..<end
  }

  /// An address with or without a port, the sixth version's in brackets or, without a port, bare.
  static func address(_ text: Span<UInt8>) -> IPAddress? {
    guard !text.isEmpty else { return nil }
    if text[0] == 0x5B {
      var end = 1
      while end < text.count, text[end] != 0x5D { end += 1 }
      guard end < text.count, isPort(text.extracting(end + 1..<text.count)) else { return nil }
      return IPAddress(text.extracting(1..<end))
    }
    if let address = IPAddress(text) { return address }
    guard let colon = text.indices.first(where: { text[$0] == ASCII.colon }),
      isPort(text.extracting(colon..<text.count))
    else { return nil }
    return IPAddress(text.extracting(0..<colon))
  }

  /// Whether the text is empty, or a colon and a port or what stands for one.
  private static func isPort(_ text: Span<UInt8>) -> Bool {
    text.isEmpty || text[0] == ASCII.colon && text.count > 1
  }
}
