/// A way of packing a representation for the wire.
///
/// RFC 9110 section 8.4.1.
package enum ContentCoding: UInt8, Sendable, Hashable, CaseIterable {
  case gzip, zstd

  package var name: StaticString {
    switch self {
    case .gzip: "gzip"
    case .zstd: "zstd"
    }
  }

  /// What a file packed this way adds to the plain file's name.
  package var suffix: StaticString {
    switch self {
    case .gzip: ".gz"
    case .zstd: ".zst"
    }
  }
}

/// What an Accept-Encoding field allows.
///
/// RFC 9110 section 12.5.3.
package struct AcceptedCodings: Sendable {
  // Weights in thousandths; nil where the field is silent.
  private var gzip: Int?
  private var zstd: Int?
  private var any: Int?

  package init() {}

  /// Adds the codings that one field line names.
  package mutating func add(_ field: Span<UInt8>) {
    var found: [(Kind, Int)] = []
    field.forEachListMember { member in
      var end = 0
      while end < member.count, member[end] != ASCII.semicolon { end += 1 }
      let name = member.extracting(member.trimmed(0..<end))
      guard let kind = Kind(name) else { return }
      found.append((kind, Self.weight(member.extracting(end..<member.count))))
    }
    for (kind, weight) in found {
      switch kind {
      case .gzip: gzip = weight
      case .zstd: zstd = weight
      case .any: any = weight
      }
    }
  }

  /// How much the coding is wanted, in thousandths; 0 when it is not acceptable.
  package func weight(of coding: ContentCoding) -> Int {
    switch coding {
    case .gzip: gzip ?? any ?? 0
    case .zstd: zstd ?? any ?? 0
    }
  }

  private enum Kind {
    case gzip, zstd, any

    init?(_ name: Span<UInt8>) {
      if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") {
        self = .gzip
      } else if name.equalsIgnoringCase("zstd") {
        self = .zstd
      } else if name.equals("*") {
        self = .any
      } else {
        return nil
      }
    }
  }

  /// Finds the weight among parameters, each behind its semicolon.
  static func weight(among parameters: Span<UInt8>) -> Int {
    var start = 0
    while start < parameters.count {
      var end = start + 1
      while end < parameters.count, parameters[end] != ASCII.semicolon { end += 1 }
      let parameter = parameters.extracting(start..<end)
      start = end
      let text = parameter.extracting(parameter.trimmed(1..<parameter.count))
      if text.count >= 2, text[0].lowercased == 0x71, text[1] == ASCII.equals {
        return weight(parameter)
      }
    }
    return 1000
  }

  /// Reads `;q=0.5`; anything unreadable counts as not acceptable.
  private static func weight(_ parameter: Span<UInt8>) -> Int {
    guard !parameter.isEmpty else { return 1000 }
    let value = parameter.extracting(parameter.trimmed(1..<parameter.count))
    guard value.count >= 3, value[0].lowercased == 0x71, value[1] == ASCII.equals,
      value[2] == ASCII.zero || value[2] == ASCII.zero + 1
    else { return 0 }
    var weight = value[2] == ASCII.zero ? 0 : 1000
    guard value.count > 3 else { return weight }
    guard value[3] == ASCII.dot, value.count <= 7 else { return 0 }
    var place = 100
    for index in 4..<value.count {
      guard value[index].isDigit else { return 0 }
      weight += Int(value[index] &- ASCII.zero) * place
      place /= 10
    }
    return min(weight, 1000)
  }
}
