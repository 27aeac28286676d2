/// How a visitor wants a listing.
package struct ListingOptions: Sendable, Hashable {
  /// Nil where the query does not say.
  private var format: Format?
  private var accepts = Format.html
  /// Whether the query says anything, which then is about the listing and not about an index file.
  private(set) var isAskedFor = false
  var order = Listing.Order.name
  var isDescending = false

  enum Format {
    case html, json
  }

  package init() {}

  var isJSON: Bool { (format ?? accepts) == .json }

  /// What a request for a directory wants; nil for other requests, and for those that want nothing
  /// in particular.
  package init?(asked head: RequestHead, in bytes: Span<UInt8>) {
    guard head.query != nil || head.present.contains(.only(.accept)), !head.path.isEmpty,
      bytes[head.path.upperBound - 1] == ASCII.slash
    else { return nil }
    if let query = head.query {
      self.init(query: bytes.extracting(query))
    } else {
      self.init()
    }
    var accepted = AcceptedTypes()
    for field in head.values(of: .accept) { accepted.add(bytes.extracting(field)) }
    if accepted.prefersJSON { accepts = .json }
    guard isAskedFor || isJSON else { return nil }
  }

  /// A number of its own for each choice, never zero.
  package var code: UInt8 {
    let column: UInt8 =
      switch order {
      case .name: 0
      case .modified: 1
      case .size: 2
      }
    return 1 + (isJSON ? 1 : 0) + (isDescending ? 2 : 0) + column * 4 + (isAskedFor ? 16 : 0)
  }

  /// Reads `format=json`, `sort=name|time|size` and `order=asc|desc`; anything else is ignored.
  package init(query: Span<UInt8>) {
    isAskedFor = true
    var start = 0
    while start < query.count {
      var end = start
      while end < query.count, query[end] != 0x26 { end += 1 }
      let parameter = query.extracting(start..<end)
      start = end + 1
      if parameter.equals("format=json") {
        format = .json
      } else if parameter.equals("format=html") {
        format = .html
      } else if parameter.equals("sort=name") {
        order = .name
      } else if parameter.equals("sort=time") || parameter.equals("sort=mtime") {
        order = .modified
      } else if parameter.equals("sort=size") {
        order = .size
      } else if parameter.equals("order=desc") {
        isDescending = true
      } else if parameter.equals("order=asc") {
        isDescending = false
      }
    }
  }
}
