import Testing

@testable import ChannelHTTP

@Suite struct ListingOrderTests {
  private struct Entry: Hashable {
    var name: [UInt8]
    var isDirectory = false
    var size = 0
    var seconds = 0
  }

  private static func sorted(
    _ entries: [Entry], by order: Listing.Order, descending: Bool = false
  ) -> [Entry] {
    var listing = Listing()
    for entry in entries {
      listing.add(
        entry.name, isDirectory: entry.isDirectory, size: entry.size,
        modified: HTTPDate(seconds: entry.seconds))
    }
    listing.sort(by: order, descending: descending)
    return listing.entries.map {
      Entry(
        name: Array(listing.name(of: $0)), isDirectory: $0.isDirectory, size: $0.size,
        seconds: $0.modified.seconds)
    }
  }

  private static func precedes(_ left: Entry, _ right: Entry, _ order: Listing.Order) -> Bool {
    switch order {
    case .modified where left.seconds != right.seconds: left.seconds < right.seconds
    case .size where left.size != right.size: left.size < right.size
    default: left.name.lexicographicallyPrecedes(right.name)
    }
  }

  @Test(arguments: [Listing.Order.name, .modified, .size], [false, true])
  func `any entries are sorted as if they were compared one by one`(
    _ order: Listing.Order, _ isDescending: Bool
  ) {
    var random = SystemRandomNumberGenerator()
    for prefix in ["", "a", "package-", "longer than eight bytes-"] {
      // Few letters, so that names often begin alike or are the beginnings of others.
      let names = Set(
        (0..<300).map { _ in
          Array(prefix.utf8)
            + (0..<Int.random(in: 1...12, using: &random)).map { _ in
              [0x01, 0x2E, 0x61, 0xFF].randomElement(using: &random) ?? 0
            }
        })
      let entries = names.map { name in
        let isDirectory = Bool.random(using: &random)
        return Entry(
          name: name, isDirectory: isDirectory,
          size: isDirectory ? 0 : [0, 1, 256, .max].randomElement(using: &random) ?? 0,
          seconds: [-5_000_000_000, -1, 0, 7].randomElement(using: &random) ?? 0)
      }
      let expected = entries.sorted { left, right in
        guard left.isDirectory == right.isDirectory else { return left.isDirectory }
        return isDescending
          ? Self.precedes(right, left, order) : Self.precedes(left, right, order)
      }

      #expect(Self.sorted(entries, by: order, descending: isDescending) == expected)
    }
  }

  @Test func `nothing is sorted, too`() {
    #expect(Self.sorted([], by: .name).isEmpty)
  }
}
