internal import ChannelSystem
internal import Glibc
package import SystemPackage

extension FilePath {
  /// Everything in the file.
  package func readBytes() throws(Errno) -> [UInt8] {
    try Descriptor(opening: self).readAll()
  }

  /// Everything in the file as text; bytes that are not UTF-8 are replaced.
  package func readText() throws(Errno) -> String {
    String(decoding: try readBytes(), as: UTF8.self)
  }

  /// Writes a file, making the directories above it and replacing what it held.
  ///
  /// Nothing is atomic or durable here, so a test sees what a careless uploader would do.
  package func write(
    _ bytes: [UInt8], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) throws(Errno) {
    try removingLastComponent().createDirectories()
    let file = try Descriptor(
      opening: self, .writeOnly, options: [.create, .truncate], permissions: permissions)
    try file.writeAll(bytes)
  }

  /// Writes text as UTF-8.
  package func write(_ text: String) throws(Errno) {
    try write(Array(text.utf8))
  }

  /// Makes this directory and those above it; one that exists is no error.
  package func createDirectories() throws(Errno) {
    if isEmpty || exists { return }
    try removingLastComponent().createDirectories()
    do {
      _ = try withCPath { (name) throws(Errno) in try systemCall { mkdir(name, 0o755) } }
    } catch .fileExists {
      return
    }
  }

  /// Whether anything has this name, a dangling symbolic link included.
  package var exists: Bool {
    (try? FileStatus(of: self, followingLinks: false)) != nil
  }

  /// The names in this directory, sorted.
  package func entryNames() throws(Errno) -> [String] {
    var names: [String] = []
    var entries = try DirectoryEntries(of: self)
    while let entry = try entries.next() { names.append(entry.text) }
    return names.sorted()
  }

  /// Removes a file, or a directory with all it holds; symbolic links are not followed.
  package func removeRecursively() throws(Errno) {
    guard try FileStatus(of: self, followingLinks: false).kind == .directory else {
      _ = try withCPath { (name) throws(Errno) in try systemCall { unlink(name) } }
      return
    }
    var entries = try DirectoryEntries(of: self)
    while let entry = try entries.next() {
      // Names that are not UTF-8 must be removable too, so they stay bytes.
      let name = entry.name.map { CChar(bitPattern: $0) } + [0]
      try name.withUnsafeBufferPointer { (name) throws(Errno) in
        guard let start = name.baseAddress else { return }
        try appending(FilePath(platformString: start).components).removeRecursively()
      }
    }
    _ = try withCPath { (name) throws(Errno) in try systemCall { rmdir(name) } }
  }

  /// Makes a symbolic link of this name that says `target`.
  package func createSymbolicLink(to target: FilePath) throws(Errno) {
    _ = try withCPath { (name) throws(Errno) in
      try target.withCPath { (target) throws(Errno) in try systemCall { symlink(target, name) } }
    }
  }

  /// Gives this second name to the file called `other`.
  package func createHardLink(to other: FilePath) throws(Errno) {
    _ = try withCPath { (name) throws(Errno) in
      try other.withCPath { (other) throws(Errno) in try systemCall { link(other, name) } }
    }
  }

  /// Makes a pipe of this name.
  package func createPipe() throws(Errno) {
    _ = try withCPath { (name) throws(Errno) in try systemCall { mkfifo(name, 0o644) } }
  }

  /// Gives the file another name, replacing what had it.
  package func rename(to other: FilePath) throws(Errno) {
    _ = try withCPath { (from) throws(Errno) in
      try other.withCPath { (to) throws(Errno) in try systemCall { Glibc.rename(from, to) } }
    }
  }

  /// Dates the file, as `touch` and uploads that keep times do.
  package func setModificationTime(seconds: Int, nanoseconds: Int = 0) throws(Errno) {
    let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    _ = try withCPath { (name) throws(Errno) in
      try systemCall { utimensat(AT_FDCWD, name, [time, time], 0) }
    }
  }

  /// Cuts or stretches the file in place.
  package func resize(to size: Int) throws(Errno) {
    _ = try withCPath { (name) throws(Errno) in try systemCall { truncate(name, size) } }
  }

  /// Replaces some bytes of the file in place.
  package func overwrite(_ bytes: [UInt8], at offset: Int) throws(Errno) {
    let file = try Descriptor(opening: self, .writeOnly)
    _ = try systemCall { pwrite(file.raw.rawValue, bytes, bytes.count, off_t(offset)) }
  }

  /// Changes who may do what.
  package func setPermissions(_ permissions: FilePermissions) throws(Errno) {
    _ = try withCPath { (name) throws(Errno) in try systemCall { chmod(name, permissions.rawValue) }
    }
  }

  /// The path of an entry whose name need not be UTF-8.
  package func appendingRaw(_ name: [UInt8]) -> FilePath {
    let name = name.map { CChar(bitPattern: $0) } + [0]
    return name.withUnsafeBufferPointer { name in
      name.baseAddress.map { appending(FilePath(platformString: $0).components) } ?? self
    }
  }
}
