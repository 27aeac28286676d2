internal import Glibc

/// What a directory holds, as far as visitors may know.
///
/// The names lie one behind the other in one array, since thousands of small ones would cost more
/// than all the rest.
struct Listing: Sendable {
  struct Entry: Sendable {
    fileprivate var name: Range<Int>
    var isDirectory: Bool
    /// In bytes; zero for directories.
    var size: Int
    var modified: HTTPDate
  }

  enum Order: Sendable {
    case name, modified, size
  }

  private(set) var entries: [Entry] = []
  private var names: [UInt8] = []

  mutating func add(
    _ name: some Collection<UInt8>, isDirectory: Bool, size: Int, modified: HTTPDate
  ) {
    let start = names.count
    names += name
    entries.append(
      Entry(
        name: start..<names.count, isDirectory: isDirectory, size: isDirectory ? 0 : size,
        modified: modified))
  }

  func name(of entry: Entry) -> ArraySlice<UInt8> { names[entry.name] }

  /// Sorts directories first, then by `order`, then by name.
  mutating func sort(by order: Order, descending: Bool = false) {
    names.withUnsafeBytes { names in
      func namePrecedes(_ left: Entry, _ right: Entry) -> Bool {
        let (one, other) = (names[left.name], names[right.name])
        let count = min(one.count, other.count)
        guard let base = names.baseAddress else { return false }
        let order = memcmp(base + one.startIndex, base + other.startIndex, count)
        return order == 0 ? one.count < other.count : order < 0
      }
      entries.sort { left, right in
        if left.isDirectory != right.isDirectory { return left.isDirectory }
        let (first, second) = descending ? (right, left) : (left, right)
        switch order {
        case .modified where first.modified != second.modified:
          return first.modified < second.modified
        case .size where first.size != second.size:
          return first.size < second.size
        default:
          return namePrecedes(first, second)
        }
      }
    }
  }
}
