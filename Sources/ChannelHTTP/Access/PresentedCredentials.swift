/// What a request says about who sends it, in every form that conda's clients know.
///
/// A token may come as the password of any user (`Basic`), as `Bearer`, as `Authorization: token`,
/// as `X-API-Key`, and as `/t/<token>/` anywhere in the path.
public struct PresentedCredentials: Sendable {
  /// One thing that was presented.
  public struct Credential: Sendable {
    /// The name that came with the secret; nil where the form has none.
    public let user: String?
    /// The secret.
    public let secret: Secret

    /// Creates a credential.
    public init(user: String? = nil, secret: Secret) {
      self.user = user
      self.secret = secret
    }
  }

  /// What was presented, that in the path first; secrets that the client masked are left out.
  public let credentials: [Credential]
  /// What the request is for without the token in its path; nil when there was none.
  public let strippedPath: [UInt8]?
  /// Whether something was presented that cannot be read.
  public let isMalformed: Bool

  /// Reads what `request` presents.
  public init(of request: HTTPRequest) {
    var credentials: [Credential] = []
    var isMalformed = false
    let token = Self.token(in: request.path)
    if let token { credentials.append(Credential(secret: Secret(request.path[token.secret]))) }
    if let key = request["x-api-key"] { credentials.append(Credential(secret: Secret(key))) }
    if let field = request["authorization"] {
      let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
      let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
      switch parts.first?.lowercased() {
      case "basic":
        if let credential = Self.basic(value) {
          credentials.append(credential)
        } else {
          isMalformed = true
        }
      case "bearer", "token":
        if value.isEmpty { isMalformed = true }
        credentials.append(Credential(secret: Secret(value.utf8)))
      default:
        // Of a scheme that was not offered nothing can be held against anyone.
        break
      }
    }
    self.credentials = credentials.filter { !$0.secret.isMasked && !$0.secret.bytes.isEmpty }
    self.isMalformed = isMalformed
    strippedPath = token.map { token in
      var path = request.path
      path.removeSubrange(token.whole)
      return path.isEmpty ? [ASCII.slash] : path
    }
  }

  /// Whether a request whose path reads the same once it is decoded may present anything.
  static func mayLie(in head: RequestHead, _ path: Span<UInt8>) -> Bool {
    guard head.present.isDisjoint(with: .presenting) else { return true }
    var index = 0
    while index + 2 < path.count {
      if path[index] == ASCII.slash, path[index + 1] == 0x74, path[index + 2] == ASCII.slash {
        return true
      }
      index += 1
    }
    return false
  }

  /// Where in a path the first `/t/<token>` lies.
  private static func token(in path: [UInt8]) -> (whole: Range<Int>, secret: Range<Int>)? {
    var index = 0
    while index + 3 < path.count {
      guard path[index] == ASCII.slash, path[index + 1] == 0x74, path[index + 2] == ASCII.slash
      else {
        index += 1
        continue
      }
      let end = path[(index + 3)...].firstIndex(of: ASCII.slash) ?? path.count
      return (index..<end, index + 3..<end)
    }
    return nil
  }

  /// RFC 7617.
  private static func basic(_ text: some StringProtocol) -> Credential? {
    guard let bytes = Base64.bytes(of: text.utf8), let colon = bytes.firstIndex(of: ASCII.colon)
    else { return nil }
    return Credential(
      user: String(decoding: bytes[..<colon], as: UTF8.self),
      secret: Secret(bytes[(colon + 1)...]))
  }
}

/// Base64 (RFC 4648 section 4).
enum Base64 {
  /// The bytes that a text stands for, padded or not; nil when it is no Base64.
  static func bytes(of text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var (bits, held, padding, count) = (UInt32(0), 0, 0, 0)
    for digit in text {
      count += 1
      if digit == ASCII.equals {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(of: digit) else { return nil }
      bits = (bits << 6 | UInt32(value)) & 0xFFF
      held += 6
      if held >= 8 {
        held -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
      }
    }
    // A lone digit at the end stands for no byte, and padding fills a group of four or is wrong.
    guard held < 6, padding == 0 || padding < 3 && count % 4 == 0 else { return nil }
    return bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case 0x41...0x5A: digit - 0x41
    case 0x61...0x7A: digit - 0x61 + 26
    case 0x30...0x39: digit - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
