/// What follows `?` in a request, taken apart as forms write it.
struct QueryItems: Sendable {
  private var items: [String: String] = [:]

  init(_ query: [UInt8]?) {
    for item in (query ?? []).split(separator: UInt8(ascii: "&")) {
      let parts = item.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decode(parts[0]),
        let value = parts.count > 1 ? Self.decode(parts[1]) : ""
      else { continue }
      // The first one counts, as whoever looks at the request from outside would think.
      if items[name] == nil { items[name] = value }
    }
  }

  subscript(name: String) -> String? { items[name] }

  /// Whether something is wanted, in the spelling of any client.
  func asks(for name: String) -> Bool {
    guard let value = items[name] else { return false }
    return ["", "1", "true", "yes"].contains(value.lowercased())
  }

  /// Nil for what is no UTF-8 once decoded, or has escapes that are none.
  private static func decode(_ text: ArraySlice<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"):
        bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard rest.count >= 2,
          let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default:
        bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
