/// How a visitor wants a listing.
package struct ListingOptions: Sendable, Hashable {
  var isJSON = false
  var order = Listing.Order.name
  var isDescending = false

  package init() {}

  /// A number of its own for each choice, never zero.
  package var code: UInt8 {
    let column: UInt8 =
      switch order {
      case .name: 0
      case .modified: 1
      case .size: 2
      }
    return 1 + (isJSON ? 1 : 0) + (isDescending ? 2 : 0) + column * 4
  }

  /// Reads `format=json`, `sort=name|time|size` and `order=asc|desc`; anything else is ignored.
  package init(query: Span<UInt8>) {
    var start = 0
    while start < query.count {
      var end = start
      while end < query.count, query[end] != 0x26 { end += 1 }
      let parameter = query.extracting(start..<end)
      start = end + 1
      if parameter.equals("format=json") {
        isJSON = true
      } else if parameter.equals("format=html") {
        isJSON = false
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
