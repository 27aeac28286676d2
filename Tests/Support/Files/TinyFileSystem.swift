internal import ChannelSystem
internal import Glibc
package import SystemPackage

/// A file system in memory that is full after a few kilobytes, gone with the last reference.
///
/// Only whoever may mount file systems can have one: tests that want it are skipped elsewhere, with
/// `.enabled(if: TinyFileSystem.isAvailable, "needs the right to mount file systems")`.
package final class TinyFileSystem: Sendable {
  private let directory: TemporaryDirectory

  /// The directory it is mounted on.
  package var path: FilePath { directory("mounted") }

  package init(kilobytes: Int) throws(Errno) {
    directory = try TemporaryDirectory()
    let path = directory("mounted")
    try path.createDirectories()
    _ = try path.withCPath { (target) throws(Errno) in
      try systemCall { mount("none", target, "tmpfs", 0, "size=\(kilobytes)k") }
    }
  }

  /// Lets nobody write to it any more.
  package func makeReadOnly() throws(Errno) {
    _ = try path.withCPath { (target) throws(Errno) in
      try systemCall { mount("none", target, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) }
    }
  }

  deinit {
    _ = path.withCPath { umount2($0, CInt(MNT_DETACH)) }
  }

  /// Whether this process may mount file systems.
  package static let isAvailable = (try? TinyFileSystem(kilobytes: 4)) != nil
}

extension FilePath {
  /// Writes zeros to this file until nothing more fits on its disk.
  package func fillDisk() throws(Errno) {
    let file = try Descriptor(opening: self, .writeOnly, options: .create)
    let page = [UInt8](repeating: 0, count: 4096)
    do throws(Errno) {
      while true { try file.writeAll(page) }
    } catch .noSpace {
      return
    }
  }
}
