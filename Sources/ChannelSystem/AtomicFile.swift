internal import CLinux
internal import Glibc
package import SystemPackage

/// A file that appears under its name whole or not at all.
///
/// Its bytes lie in a temporary file beside the target until `rename()`. A file that is never
/// renamed is removed when the value goes away.
package struct AtomicFile: ~Copyable {
  /// Starts the names of temporary files, so that a later run can tell what a crash left behind.
  package static let temporaryPrefix = ".channel-tmp-"

  package let target: FilePath
  private let temporary: FilePath
  private var isRenamed = false

  /// Writes `bytes` to a temporary file, in `target`'s directory because a rename must stay within
  /// one file system.
  ///
  /// A caller that writes many files may leave `synchronizing` out and synchronise the whole file
  /// system before the renames.
  package init(
    replacing target: FilePath, with bytes: [UInt8], synchronizing: Bool = true
  ) throws(Errno) {
    try self.init(replacing: target, synchronizing: synchronizing) { (file) throws(Errno) in
      try file.writeAll(bytes)
    }
  }

  /// Lets `body` write the temporary file, which nobody may open at any moment whom `permissions` do
  /// not name.
  package init(
    replacing target: FilePath, synchronizing: Bool = true,
    permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
    writing body: (borrowing Descriptor) throws(Errno) -> Void
  ) throws(Errno) {
    let temporary = target.removingLastComponent()
      .appending("\(Self.temporaryPrefix)\(getpid())-\(UInt64.random(in: 0 ... .max))")
    do throws(Errno) {
      let descriptor = try Descriptor(
        opening: temporary, .readWrite, options: [.create, .exclusiveCreate],
        permissions: permissions)
      try body(descriptor)
      if synchronizing { try descriptor.synchronize() }
    } catch {
      Self.remove(temporary)
      throw error
    }
    self.temporary = temporary
    self.target = target
  }

  deinit {
    if !isRenamed { Self.remove(temporary) }
  }

  /// Renames the temporary file to its target; unless it is for `replacing` one, a file that stands
  /// there already is an error.
  ///
  /// The rename itself is durable once the directory has been synchronised too, which a caller
  /// does once for several files.
  package consuming func rename(replacing: Bool = true) throws(Errno) {
    try Self.rename(temporary, to: target, replacing: replacing)
    isRenamed = true
  }

  /// Gives a file another name on the same file system.
  ///
  /// The corresponding C function is `renameat2`.
  package static func rename(
    _ from: FilePath, to: FilePath, replacing: Bool
  ) throws(Errno) {
    _ = try from.withCPath { (from) throws(Errno) in
      try to.withCPath { (to) throws(Errno) in
        try systemCall { clinux_rename(AT_FDCWD, from, AT_FDCWD, to, replacing ? 1 : 0) }
      }
    }
  }

  /// Removes a file, and says whether none is there afterwards.
  @discardableResult
  package static func remove(_ path: FilePath) -> Bool {
    path.withPlatformString { unlink($0) == 0 || errno == ENOENT }
  }

  /// Removes the temporary files that a process left in a directory when it was cut off.
  ///
  /// Only for whoever is the one writer there: another's temporary files look the same.
  package static func removeLeftovers(in directory: FilePath) {
    guard var entries = try? DirectoryEntries(of: directory) else { return }
    while let entry = try? entries.next() {
      if entry.text.hasPrefix(temporaryPrefix) { remove(directory.appending(entry.text)) }
    }
  }

  /// Makes the names in a directory durable.
  package static func synchronizeDirectory(_ path: FilePath) throws(Errno) {
    try Descriptor(opening: path.isEmpty ? "." : path, options: .directory).synchronize()
  }

  /// Makes everything on the file system that holds `path` durable: one call for many files.
  ///
  /// The corresponding C function is `syncfs`.
  package static func synchronizeFileSystem(of path: FilePath) throws(Errno) {
    let directory = try Descriptor(opening: path.isEmpty ? "." : path, options: .directory)
    _ = try systemCall { clinux_synchronize_file_system(directory.raw.rawValue) }
  }
}
