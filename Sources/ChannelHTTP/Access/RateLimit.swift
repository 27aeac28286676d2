/// How many requests one client may make.
///
/// A client may make `burst` requests at once, and `perSecond` a second on and on; what goes beyond is
/// answered 429 with the time to wait. Clients are told apart by their address, those of IPv6 by its
/// first 64 bits, which is what one household or machine has. Who has no address, by way of a socket
/// in the file system, has no limit.
public struct RateLimit: Sendable, Hashable {
  /// Requests a second.
  public var perSecond: Double
  /// Requests that may come at once.
  public var burst: Int
  /// Paths that do not count, as they are sent.
  public var exemptPaths: [String] = []

  /// Creates a limit; both numbers must be more than zero.
  public init(perSecond: Double, burst: Int) {
    self.perSecond = perSecond
    self.burst = burst
  }

  /// Reads a limit as in `50`, `50/s`, `600/m:100`: requests a second, minute or hour, and how many
  /// may come at once; without that, as many as come in a second, and at least one.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: ASCII.colon, omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return nil }
    let rate = parts[0].split(separator: ASCII.slash, omittingEmptySubsequences: false)
    guard (1...2).contains(rate.count), let number = Self.number(rate[0]) else { return nil }
    let unit = rate.count == 1 ? "s" : String(decoding: rate[1], as: UTF8.self)
    switch unit {
    case "s": perSecond = Double(number)
    case "m": perSecond = Double(number) / 60
    case "h": perSecond = Double(number) / 3600
    default: return nil
    }
    burst = max(1, Int(perSecond))
    guard parts.count == 2 else { return }
    guard let number = Self.number(parts[1]) else { return nil }
    burst = number
  }

  private static func number(_ text: Substring.UTF8View.SubSequence) -> Int? {
    guard let number = Array(text).span.decimalValue(), (1...1_000_000).contains(number) else {
      return nil
    }
    return number
  }
}
