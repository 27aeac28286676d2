internal import ChannelSystem
internal import SystemPackage

/// Reads what a directory holds in as many steps as suit the reader.
///
/// One thread may begin it and another go on.
struct ListingReader: ~Copyable, Sendable {
  private var contents: DirectoryEntries
  private var resolver: PathResolver
  /// The directory's name below the root.
  let path: [UInt8]
  private(set) var listing = Listing()
  /// Whether some of it can change without a change to the directory itself, as the times of
  /// directories below it do, and all that links lead to.
  private(set) var tellsOfOthers = false

  /// Reads the directory that `directory` has open and that is called `path`.
  init(
    of directory: consuming Descriptor, called path: [UInt8],
    beneath resolver: consuming PathResolver
  ) throws(Errno) {
    let contents = try DirectoryEntries(of: directory)
    self.path = path
    self.resolver = resolver
    self.contents = contents
  }

  /// Reads on, past at most `count` names.
  ///
  /// Hidden names, and what is neither file nor directory, are left out, as are links that lead
  /// nowhere or out of the root: what is not served is not listed.
  ///
  /// - Returns: Whether the end is reached.
  mutating func read(atMost count: Int = .max) throws(Errno) -> Bool {
    for _ in 0..<count {
      guard let (name, kind) = try contents.nextInPlace() else { return true }
      guard name.first != ASCII.dot, kind != .other, var status = status(of: name) else { continue }
      let text = UnsafeBufferPointer(rebasing: name.dropLast())
      if status.kind == .symbolicLink {
        tellsOfOthers = true
        let target = path.isEmpty ? Array(text) : path + [ASCII.slash] + text
        guard let behind = statusBehindLink(target) else { continue }
        status = behind
      }
      guard status.kind == .regular || status.kind == .directory else { continue }
      if status.kind == .directory { tellsOfOthers = true }
      listing.add(
        text, isDirectory: status.kind == .directory, size: status.size,
        modified: HTTPDate(seconds: Int(clamping: status.modified.seconds)))
    }
    return false
  }

  private func status(of name: UnsafeBufferPointer<UInt8>) -> FileStatus? {
    name.withMemoryRebound(to: CChar.self) { name in
      name.baseAddress.flatMap {
        try? FileStatus(of: $0, in: contents.descriptor, followingLinks: false)
      }
    }
  }

  private mutating func statusBehindLink(_ path: [UInt8]) -> FileStatus? {
    guard let descriptor = try? resolver.open(path) else { return nil }
    return try? FileStatus(of: descriptor.raw)
  }
}
