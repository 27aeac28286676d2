internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// What a directory holds, as far as visitors may know.
///
/// The names lie one behind the other in one array, since thousands of small ones would cost more
/// than all the rest.
struct Listing {
  struct Entry {
    fileprivate var name: Range<Int>
    var isDirectory: Bool
    /// In bytes; zero for directories.
    var size: Int
    var modified: HTTPDate
  }

  enum Order {
    case name, modified, size
  }

  private(set) var entries: [Entry] = []
  private var names: [UInt8] = []
  /// Whether some of it can change without a change to the directory itself, as the times of
  /// directories below it do, and all that links lead to.
  private(set) var tellsOfOthers = false

  init() {}

  /// Reads the directory that `directory` has open and that is called `path`.
  ///
  /// Hidden names, and what is neither file nor directory, are left out, as are links that lead
  /// nowhere or out of the root: what is not served is not listed.
  init(
    of directory: consuming Descriptor, called path: [UInt8],
    beneath resolver: inout PathResolver
  ) throws(Errno) {
    var contents = try DirectoryEntries(of: directory)
    while let entry = try contents.next() {
      guard entry.name.first != ASCII.dot, entry.kind != .other else { continue }
      var status = Self.status(of: entry.name, in: contents.descriptor)
      if status?.kind == .symbolicLink {
        tellsOfOthers = true
        let target = path.isEmpty ? entry.name : path + [ASCII.slash] + entry.name
        status = Self.status(ofLink: target, beneath: &resolver)
      }
      guard let status, status.kind == .regular || status.kind == .directory else { continue }
      if status.kind == .directory { tellsOfOthers = true }
      add(
        entry.name, isDirectory: status.kind == .directory, size: status.size,
        modified: HTTPDate(seconds: Int(clamping: status.modified.seconds)))
    }
  }

  mutating func add(_ name: [UInt8], isDirectory: Bool, size: Int, modified: HTTPDate) {
    let start = names.count
    names += name
    entries.append(
      Entry(
        name: start..<names.count, isDirectory: isDirectory, size: isDirectory ? 0 : size,
        modified: modified))
  }

  func name(of entry: Entry) -> ArraySlice<UInt8> { names[entry.name] }

  private static func status(of name: [UInt8], in directory: FileDescriptor) -> FileStatus? {
    var path = name
    path.append(0)
    return path.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { name in
        name.baseAddress.flatMap {
          try? FileStatus(of: $0, in: directory, followingLinks: false)
        }
      }
    }
  }

  private static func status(
    ofLink path: [UInt8], beneath resolver: inout PathResolver
  ) -> FileStatus? {
    guard let descriptor = try? resolver.open(path) else { return nil }
    return try? FileStatus(of: descriptor.raw)
  }

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
