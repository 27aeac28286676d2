/// Finds what in URLs is nobody's business, so that no log shows it.
///
/// That is the password in `//user:password@host`, the token in `/t/<token>/`, and the values in a
/// query whose names speak of secrets.
struct Secrets {
  /// Where the query begins, after the question mark.
  private let query: Int
  /// The next byte to look at.
  private var index = 0

  init(in text: Span<UInt8>) {
    var query = 0
    while query < text.count, text[query] != ASCII.question { query += 1 }
    self.query = query + 1
    index = 0
  }

  /// The next secret in `text`, which must be the same all along; nil when there are no more.
  mutating func next(in text: Span<UInt8>) -> Range<Int>? {
    while index < query - 1 {
      let start = index
      index += 1
      guard text[start] == ASCII.slash else { continue }
      if let secret = userinfo(in: text, at: start) ?? token(in: text, after: start) {
        index = secret.upperBound
        return secret
      }
    }
    if index < query { index = query }
    while index < text.count {
      let start = index
      while index < text.count, text[index] != 0x26, text[index] != ASCII.semicolon { index += 1 }
      let end = index
      index += 1
      var equals = start
      while equals < end, text[equals] != ASCII.equals { equals += 1 }
      if equals + 1 < end, Self.isTelling(text.extracting(start..<equals)) {
        return equals + 1..<end
      }
    }
    return nil
  }

  /// What stands between the second of two slashes at `start` and an at sign.
  private func userinfo(in text: Span<UInt8>, at start: Int) -> Range<Int>? {
    guard start + 1 < query - 1, text[start + 1] == ASCII.slash,
      start > 0 ? text[start - 1] == ASCII.colon : true
    else { return nil }
    var (end, at) = (start + 2, 0)
    while end < query - 1, text[end] != ASCII.slash {
      if text[end] == 0x40 { at = end }
      end += 1
    }
    return at > start + 2 ? start + 2..<at : nil
  }

  /// What follows a component `t` that begins after `slash`, however it is spelled.
  private func token(in text: Span<UInt8>, after slash: Int) -> Range<Int>? {
    var start = slash + 1
    if start < query - 1, text[start] == 0x74 {
      start += 1
    } else if start + 2 < query - 1, text[start] == ASCII.percent, text[start + 1] == 0x37,
      text[start + 2] == 0x34
    {
      start += 3
    } else {
      return nil
    }
    guard start < query - 1, text[start] == ASCII.slash else { return nil }
    while true {
      // Empty components and dots are no tokens: the path is resolved without them.
      while start < query - 1, text[start] == ASCII.slash { start += 1 }
      var end = start
      while end < query - 1, text[end] != ASCII.slash { end += 1 }
      let component = text.extracting(start..<end)
      guard component.equals(".") || component.equalsIgnoringCase("%2e") else {
        return start < end ? start..<end : nil
      }
      start = end
    }
  }

  private static let words: [StaticString] = [
    "token", "key", "secret", "pass", "pwd", "auth", "sig", "cred", "jwt", "session",
  ]

  /// Whether a name in a query speaks of a secret, or is spelled so that one cannot tell.
  private static func isTelling(_ name: Span<UInt8>) -> Bool {
    for start in name.indices {
      if name[start] == ASCII.percent { return true }
      for word in words where start + word.utf8CodeUnitCount <= name.count {
        let part = name.extracting(start..<start + word.utf8CodeUnitCount)
        if part.equalsIgnoringCase(word) { return true }
      }
    }
    return false
  }
}

extension Secrets {
  /// A path below the root without its secrets, as text for people.
  static func hidden(inPath name: [UInt8]) -> String {
    let path = [ASCII.slash] + name
    var secrets = Secrets(in: path.span)
    var shown: [UInt8] = []
    var start = 1
    while let secret = secrets.next(in: path.span) {
      shown += path[start..<secret.lowerBound] + Array("***".utf8)
      start = secret.upperBound
    }
    return String(decoding: shown + path[start...], as: UTF8.self).debugDescription
  }
}
