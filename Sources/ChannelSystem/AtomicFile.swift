internal import CLinux
internal import Glibc
package import SystemPackage

/// A file that appears under its name whole or not at all.
///
/// Bytes go to a temporary file beside the target; `publish()` makes them durable and renames. A
/// file that was not published is removed when the value goes away.
package struct AtomicFile: ~Copyable {
  /// Starts the names of temporary files, so that a later run can tell what a crash left behind.
  package static let temporaryPrefix = ".channel-tmp-"

  package let target: FilePath
  private let temporary: FilePath
  private let descriptor: Descriptor

  /// Creates the temporary file, in `target`'s directory because a rename must stay within one
  /// file system.
  package init(
    replacing target: FilePath, permissions: FilePermissions = AtomicFile.publicRead
  ) throws(Errno) {
    guard let name = target.lastComponent else { throw .invalidArgument }
    let unique = "\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let temporary = target.removingLastComponent()
      .appending("\(Self.temporaryPrefix)\(unique)-\(name.string.prefix(100))")
    descriptor = try Descriptor(
      opening: temporary, .writeOnly, options: [.create, .exclusiveCreate],
      permissions: permissions)
    self.temporary = temporary
    self.target = target
  }

  deinit {
    _ = temporary.withCPath { unlink($0) }
  }

  /// Readable by everyone, as files that a web server must reach are.
  package static var publicRead: FilePermissions { [.ownerReadWrite, .groupRead, .otherRead] }

  package borrowing func write(_ bytes: [UInt8]) throws(Errno) {
    try descriptor.writeAll(bytes)
  }

  /// Makes the bytes durable without showing them yet.
  package borrowing func synchronize() throws(Errno) {
    try descriptor.synchronize()
  }

  /// Renames the temporary file to its target.
  ///
  /// The rename itself is durable once the directory has been synchronised too, which a caller
  /// does once for several files.
  package consuming func rename() throws(Errno) {
    let (from, to) = (temporary, target)
    _ = try from.withCPath { (from) throws(Errno) in
      try to.withCPath { (to) throws(Errno) in
        try systemCall { clinux_rename(AT_FDCWD, from, AT_FDCWD, to, 1) }
      }
    }
  }

  /// Writes `bytes` to `target` in one step: temporary file, fsync, rename, fsync of the directory.
  package static func write(_ bytes: [UInt8], to target: FilePath) throws(Errno) {
    let file = try AtomicFile(replacing: target)
    try file.write(bytes)
    try file.synchronize()
    try file.rename()
    try synchronizeDirectory(target.removingLastComponent())
  }

  /// Removes a file, if it is there.
  package static func remove(_ path: FilePath) {
    _ = path.withPlatformString { unlink($0) }
  }

  /// Makes the names in a directory durable.
  package static func synchronizeDirectory(_ path: FilePath) throws(Errno) {
    let directory = path.isEmpty ? FilePath(".") : path
    try Descriptor(opening: directory, options: .directory).synchronize()
  }
}
