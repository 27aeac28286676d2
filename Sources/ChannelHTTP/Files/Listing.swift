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
    entries = names.withUnsafeBytes { names in
      let skipped = order == .name ? commonPrefix(in: names) : 0
      let keyed = entries.enumerated().map { index, entry in
        let key =
          switch order {
          case .name: Self.key(entry.name.dropFirst(skipped), in: names)
          case .modified: UInt64(bitPattern: Int64(entry.modified.seconds)) ^ (1 << 63)
          case .size: UInt64(clamping: entry.size)
          }
        return Keyed(key: key, index: index)
      }
      func precedes(_ left: Keyed, _ right: Keyed) -> Bool {
        if left.key != right.key { return left.key < right.key }
        let (one, other) = (entries[left.index].name, entries[right.index].name)
        guard let base = names.baseAddress else { return false }
        let order = memcmp(
          base + one.lowerBound, base + other.lowerBound, min(one.count, other.count))
        return order == 0 ? one.count < other.count : order < 0
      }
      return [true, false].flatMap { isDirectory in
        keyed.filter { entries[$0.index].isDirectory == isDirectory }
          .sorted { descending ? precedes($1, $0) : precedes($0, $1) }
          .map { entries[$0.index] }
      }
    }
  }

  /// An entry, and a number that decides between most of them.
  private struct Keyed {
    let key: UInt64
    let index: Int
  }

  /// How many bytes all names begin with in common.
  private func commonPrefix(in names: UnsafeRawBufferPointer) -> Int {
    guard let first = entries.first?.name else { return 0 }
    var count = first.count
    for entry in entries {
      count = min(count, entry.name.count)
      var same = 0
      while same < count, names[first.lowerBound + same] == names[entry.name.lowerBound + same] {
        same += 1
      }
      count = same
    }
    return count
  }

  /// The first eight bytes of a name as a number that sorts as they do.
  private static func key(_ name: Range<Int>, in names: UnsafeRawBufferPointer) -> UInt64 {
    var key: UInt64 = 0
    for offset in 0..<8 {
      key = key << 8 | (offset < name.count ? UInt64(names[name.lowerBound + offset]) : 0)
    }
    return key
  }
}
