/// A package's version, with conda's order of versions (CEP 33).
///
/// A version is an optional epoch (`1!`), parts that dots and underscores separate, and an optional
/// local version (`+…`). Each part is a run of numbers and words in turn.
public struct PackageVersion: Sendable, Hashable, CustomStringConvertible {
  /// The version as it was written.
  public let description: String
  private let epoch: UInt64
  private let parts: [Part]
  private let local: [Part]

  /// What a part consists of, from low to high: words, numbers, `post`.
  private enum Atom: Sendable, Hashable, Comparable {
    case word([UInt8])
    case number(UInt64)
    case post

    static func < (left: Atom, right: Atom) -> Bool {
      switch (left, right) {
      case (.word(let left), .word(let right)): left.lexicographicallyPrecedes(right)
      case (.number(let left), .number(let right)): left < right
      case (.word, _): true
      case (.number, .post): true
      default: false
      }
    }
  }

  private typealias Part = [Atom]

  /// Reads a version; nil when it is not one that every client can order.
  public init?(_ text: some StringProtocol) {
    description = String(text)
    // Case carries no meaning in a version.
    var bytes = Array(text.utf8).map { byte in
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
    let epochs = bytes.split(separator: UInt8(ascii: "!"), omittingEmptySubsequences: false)
    guard epochs.count <= 2 else { return nil }
    var number: UInt64 = 0
    if epochs.count == 2 {
      // `UInt64` alone would take a sign as well.
      guard epochs[0].allSatisfy(Self.isDigit),
        let value = UInt64(String(decoding: epochs[0], as: UTF8.self))
      else { return nil }
      number = value
      bytes = Array(epochs[1])
    }
    let locals = bytes.split(separator: UInt8(ascii: "+"), omittingEmptySubsequences: false)
    guard locals.count <= 2, let parts = Self.parts(of: locals[0], mayClose: true) else {
      return nil
    }
    var local: [Part] = []
    if locals.count == 2 {
      guard let parts = Self.parts(of: locals[1], mayClose: false) else { return nil }
      local = parts
    }
    self.epoch = number
    self.parts = parts
    self.local = local
  }

  /// Whether the text is a version that every client can order.
  static func isValid(_ text: ArraySlice<UInt8>) -> Bool {
    isPlain(text) || PackageVersion(String(decoding: text, as: UTF8.self)) != nil
  }

  /// Whether the text is one of the versions of which most are: letters and short numbers between
  /// single dots.
  private static func isPlain(_ text: ArraySlice<UInt8>) -> Bool {
    var digits = 0
    var isAfterDot = true
    for byte in text {
      if byte == UInt8(ascii: ".") {
        guard !isAfterDot else { return false }
        isAfterDot = true
        digits = 0
        continue
      }
      digits = isDigit(byte) ? digits + 1 : 0
      guard isDigit(byte) || isWord(byte | 0x20), digits < 20 else { return false }
      isAfterDot = false
    }
    return !isAfterDot
  }

  private static func parts(of text: ArraySlice<UInt8>, mayClose: Bool) -> [Part]? {
    // One underscore may close a version (`1.0.1_`), as it does in OpenSSL's; it is a word then.
    var text = text
    let closes = mayClose && text.last == UInt8(ascii: "_")
    if closes { text.removeLast() }
    let pieces = text.split(omittingEmptySubsequences: false) { byte in
      byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }
    var parts: [Part] = []
    for piece in pieces {
      guard let part = part(piece) else { return nil }
      parts.append(part)
    }
    if closes { parts[parts.count - 1].append(.word([UInt8(ascii: "_")])) }
    return parts
  }

  private static func part(_ text: ArraySlice<UInt8>) -> Part? {
    guard !text.isEmpty else { return nil }
    var part: Part = []
    var rest = text
    while let first = rest.first {
      if isDigit(first) {
        let digits = rest.prefix(while: isDigit)
        guard let number = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
        part.append(.number(number))
        rest = rest.dropFirst(digits.count)
      } else {
        let word = rest.prefix { !isDigit($0) }
        guard word.allSatisfy(isWord) else { return nil }
        // A word stands for "before the release" and so counts from zero.
        if part.isEmpty { part.append(.number(0)) }
        part.append(atom(for: word))
        rest = rest.dropFirst(word.count)
      }
    }
    return part
  }

  private static func atom(for word: ArraySlice<UInt8>) -> Atom {
    if word.elementsEqual("post".utf8) { return .post }
    // Upper case sorts before every other word, and a development version before everything.
    if word.elementsEqual("dev".utf8) { return .word(Array("DEV".utf8)) }
    return .word(Array(word))
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }
}

extension PackageVersion: Comparable {
  /// Whether `left` is older than `right`.
  public static func < (left: Self, right: Self) -> Bool {
    if left.epoch != right.epoch { return left.epoch < right.epoch }
    switch order(left.parts, right.parts) {
    case 0: return order(left.local, right.local) < 0
    case let order: return order < 0
    }
  }

  /// Whether the two are the same version, which `1.0` and `1.0.0` are.
  public static func == (left: Self, right: Self) -> Bool {
    left.epoch == right.epoch && order(left.parts, right.parts) == 0
      && order(left.local, right.local) == 0
  }

  /// Hashes what `==` compares: trailing zeros do not count.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(epoch)
    for list in [parts, local] {
      for part in list.reversed().drop(while: { $0.allSatisfy { $0 == .number(0) } }).reversed() {
        hasher.combine(Array(part.reversed().drop { $0 == .number(0) }.reversed()))
      }
    }
  }

  /// Whether this is `prefix` or a version of it: `1.2.3` and `1.2rc` of `1.2`, `1.20` not.
  func starts(with prefix: PackageVersion) -> Bool {
    guard epoch == prefix.epoch else { return false }
    if !prefix.local.isEmpty {
      return Self.order(parts, prefix.parts) == 0 && Self.starts(local, with: prefix.local)
    }
    return Self.starts(parts, with: prefix.parts)
  }

  private static func starts(_ parts: [Part], with prefix: [Part]) -> Bool {
    for (index, wanted) in prefix.enumerated() {
      let part = parts.at(index) ?? []
      guard index == prefix.count - 1 else {
        if order([part], [wanted]) != 0 { return false }
        continue
      }
      for (index, wanted) in wanted.enumerated() {
        let atom = part.at(index) ?? .number(0)
        if case .word(let text) = atom, case .word(let beginning) = wanted {
          guard text.starts(with: beginning) else { return false }
        } else if atom != wanted {
          return false
        }
      }
    }
    return true
  }

  private static func order(_ left: [Part], _ right: [Part]) -> Int {
    for index in 0..<max(left.count, right.count) {
      let (left, right) = (left.at(index) ?? [], right.at(index) ?? [])
      for index in 0..<max(left.count, right.count) {
        let (left, right) = (left.at(index) ?? .number(0), right.at(index) ?? .number(0))
        if left != right { return left < right ? -1 : 1 }
      }
    }
    return 0
  }
}

extension Array {
  fileprivate func at(_ index: Int) -> Element? {
    index < count ? self[index] : nil
  }
}
