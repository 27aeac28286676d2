internal import Glibc
package import SystemPackage

/// One pass over the names in a directory, `.` and `..` left out, in no particular order.
package struct DirectoryEntries: ~Copyable {
  private let stream: OpaquePointer

  /// A name in a directory, with what the file system says of its kind without a further call.
  package struct Entry: Sendable, Hashable {
    /// The bytes of the name; file systems promise no encoding.
    package var name: [UInt8]
    /// Nil when only a look at the file itself can tell.
    package var kind: FileStatus.Kind?

    /// The name as text; bytes that are not UTF-8 are replaced.
    package var text: String { String(decoding: name, as: UTF8.self) }
  }

  package init(of path: FilePath) throws(Errno) {
    let descriptor = try Descriptor(opening: path, options: .directory)
    try self.init(of: descriptor)
  }

  /// Takes over `directory`, which is closed with the pass.
  package init(of directory: consuming Descriptor) throws(Errno) {
    let raw = directory.release()
    guard let stream = fdopendir(raw.rawValue) else {
      let code = Errno(rawValue: errno)
      _ = Glibc.close(raw.rawValue)
      throw code
    }
    self.stream = stream
  }

  deinit {
    closedir(stream)
  }

  /// The open directory, valid as long as this value.
  package var descriptor: FileDescriptor { FileDescriptor(rawValue: dirfd(stream)) }

  /// The next entry, or nil at the end.
  package mutating func next() throws(Errno) -> Entry? {
    try nextInPlace().map { Entry(name: [UInt8]($0.name.dropLast()), kind: $0.kind) }
  }

  /// The next entry with its name where the system left it, good until the next call, with the zero
  /// behind it; nil at the end.
  ///
  /// For whoever passes over many names. The corresponding C function is `readdir`.
  package mutating func nextInPlace() throws(Errno) -> (
    name: UnsafeBufferPointer<UInt8>, kind: FileStatus.Kind?
  )? {
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw Errno(rawValue: errno) }
        return nil
      }
      let start = UnsafeRawPointer(entry) + Self.nameOffset
      let name = start.assumingMemoryBound(to: UInt8.self)
      let count = strnlen(start.assumingMemoryBound(to: CChar.self), 255)
      let dot = UInt8(ascii: ".")
      if name[0] == dot, count == 1 || count == 2 && name[1] == dot { continue }
      return (
        UnsafeBufferPointer(start: name, count: count + 1), kind(of: entry.pointee.d_type)
      )
    }
  }

  private static let nameOffset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 19

  /// Looks at the file behind an entry, following a symbolic link unless told otherwise.
  package func status(of entry: Entry, followingLinks: Bool = true) throws(Errno) -> FileStatus {
    try (entry.name + [0]).span.withUnsafeBytes { (name) throws(Errno) in
      guard let start = name.assumingMemoryBound(to: CChar.self).baseAddress else {
        throw .invalidArgument
      }
      return try FileStatus(of: start, in: descriptor, followingLinks: followingLinks)
    }
  }

  private func kind(of type: UInt8) -> FileStatus.Kind? {
    switch Int(type) {
    case Int(DT_REG): .regular
    case Int(DT_DIR): .directory
    case Int(DT_LNK): .symbolicLink
    case Int(DT_UNKNOWN): nil
    default: .other
    }
  }
}

extension FilePath {
  /// Makes a directory durably, and those above it unless told otherwise, when it is not there yet.
  ///
  /// The corresponding C function is `mkdir`.
  package func makeDirectory(withParents: Bool = true) throws(Errno) {
    do throws(Errno) {
      _ = try withCPath { (path) throws(Errno) in try systemCall { mkdir(path, 0o777) } }
      try AtomicFile.synchronizeDirectory(removingLastComponent())
    } catch .fileExists {
      guard try FileStatus(of: self).kind == .directory else { throw .notDirectory }
    } catch .noSuchFileOrDirectory where withParents {
      let parent = removingLastComponent()
      guard !parent.isEmpty, parent != self else { throw .noSuchFileOrDirectory }
      try parent.makeDirectory()
      try makeDirectory()
    }
  }
}
