/// Whether an Accept field would rather have JSON than a web page.
///
/// RFC 9110 section 12.5.1, as far as the two kinds of listing need it.
package struct AcceptedTypes: Sendable {
  // Weights in thousandths of the most specific range that fits; nil where the field is silent.
  private var json: Int?
  private var html: Int?
  private var any: Int?

  package init() {}

  /// Whether JSON is named with a higher weight than HTML has.
  package var prefersJSON: Bool {
    guard let json else { return false }
    return json > html ?? any ?? 0
  }

  /// Adds the types that one field line names.
  package mutating func add(_ field: Span<UInt8>) {
    var found: [(Kind, Int)] = []
    field.forEachListMember { member in
      var end = 0
      while end < member.count, member[end] != ASCII.semicolon { end += 1 }
      guard let kind = Kind(member.extracting(member.trimmed(0..<end))) else { return }
      found.append((kind, AcceptedCodings.weight(among: member.extracting(end..<member.count))))
    }
    for (kind, weight) in found {
      switch kind {
      case .json: json = weight
      case .html: html = weight
      case .any: any = weight
      }
    }
  }

  private enum Kind {
    case json, html, any

    init?(_ name: Span<UInt8>) {
      if name.equalsIgnoringCase("application/json") {
        self = .json
      } else if name.equalsIgnoringCase("text/html") || name.equalsIgnoringCase("text/*") {
        self = .html
      } else if name.equals("*/*") {
        self = .any
      } else {
        return nil
      }
    }
  }
}
