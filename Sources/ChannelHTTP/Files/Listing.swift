package import ChannelSystem
package import SystemPackage

/// What a directory holds, as far as visitors may know.
package struct Listing: Sendable {
  package struct Entry: Sendable, Hashable {
    package var name: [UInt8]
    package var isDirectory: Bool
    /// In bytes; zero for directories.
    package var size: Int
    package var modified: HTTPDate
  }

  package enum Order: Sendable, Hashable {
    case name, modified, size
  }

  package private(set) var entries: [Entry]
  /// Whether some of it can change without a change to the directory itself, as the times of
  /// directories below it do, and all that links lead to.
  private(set) var tellsOfOthers = false

  package init(entries: [Entry]) {
    self.entries = entries
  }

  /// Reads the directory that `directory` has open.
  ///
  /// Hidden names, and what is neither file nor directory, are left out, as are links that lead
  /// nowhere or out of the root: what is not served is not listed.
  package init(
    of directory: consuming Descriptor, called path: [UInt8],
    beneath resolver: inout PathResolver
  ) throws(Errno) {
    var names = try DirectoryEntries(of: directory)
    entries = []
    while let entry = try names.next() {
      guard entry.name.first != ASCII.dot, entry.kind != .other else { continue }
      var status = Self.status(of: entry, in: names.descriptor)
      if status?.kind == .symbolicLink {
        tellsOfOthers = true
        let target = path.isEmpty ? entry.name : path + [ASCII.slash] + entry.name
        status = Self.status(ofLink: target, beneath: &resolver)
      }
      guard let status, status.kind == .regular || status.kind == .directory
      else { continue }
      let isDirectory = status.kind == .directory
      if isDirectory { tellsOfOthers = true }
      entries.append(
        Entry(
          name: entry.name, isDirectory: isDirectory, size: isDirectory ? 0 : status.size,
          modified: HTTPDate(seconds: Int(clamping: status.modified.seconds))))
    }
  }

  private static func status(
    of entry: DirectoryEntries.Entry, in directory: FileDescriptor
  ) -> FileStatus? {
    let name = entry.name.map { CChar(bitPattern: $0) } + [0]
    return try? FileStatus(of: name, in: directory, followingLinks: false)
  }

  private static func status(
    ofLink path: [UInt8], beneath resolver: inout PathResolver
  ) -> FileStatus? {
    guard let descriptor = try? resolver.open(path) else { return nil }
    return try? FileStatus(of: descriptor.raw)
  }

  /// Sorts directories first, then by `order`, then by name.
  package mutating func sort(by order: Order, descending: Bool = false) {
    func precedes(_ left: Entry, _ right: Entry) -> Bool {
      if left.isDirectory != right.isDirectory { return left.isDirectory }
      let (first, second) = descending ? (right, left) : (left, right)
      switch order {
      case .modified where first.modified != second.modified:
        return first.modified < second.modified
      case .size where first.size != second.size:
        return first.size < second.size
      default:
        return Self.namePrecedes(first.name, second.name)
      }
    }
    entries.sort(by: precedes)
  }

  private static func namePrecedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in left.lexicographicallyPrecedes(right) }
    }
  }
}
