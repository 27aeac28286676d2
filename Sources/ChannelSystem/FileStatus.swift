internal import CLinux
internal import Glibc
package import SystemPackage

/// What a file is and which version of it: everything that changes when its content may have.
package struct FileStatus: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case regular, directory, symbolicLink, other
  }

  package var kind: Kind
  /// In bytes.
  package var size: Int
  package var inode: UInt64
  package var device: UInt64
  package var modified: Timestamp

  /// A point in time as file systems keep it.
  package struct Timestamp: Sendable, Hashable, Comparable {
    package var seconds: Int64
    package var nanoseconds: UInt32

    package init(seconds: Int64, nanoseconds: UInt32) {
      self.seconds = seconds
      self.nanoseconds = nanoseconds
    }

    package static func < (left: Self, right: Self) -> Bool {
      (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
  }

  package init(kind: Kind, size: Int, inode: UInt64, device: UInt64, modified: Timestamp) {
    self.kind = kind
    self.size = size
    self.inode = inode
    self.device = device
    self.modified = modified
  }

  /// Looks at `path`, following a final symbolic link unless told otherwise.
  package init(of path: FilePath, followingLinks: Bool = true) throws(Errno) {
    self = try path.withCPath { (name) throws(Errno) in
      try FileStatus(descriptor: AT_FDCWD, name: name, followingLinks: followingLinks)
    }
  }

  /// Who may do what with the file at `path`, a link followed.
  ///
  /// Apart from the rest: they say nothing of the file's content.
  package static func permissions(of path: FilePath) throws(Errno) -> FilePermissions {
    var status = clinux_status()
    _ = try path.withCPath { (name) throws(Errno) in
      try systemCall { clinux_status(AT_FDCWD, name, 1, &status) }
    }
    return FilePermissions(rawValue: mode_t(status.mode) & 0o7777)
  }

  /// Looks at the file that `descriptor` has open.
  package init(of descriptor: FileDescriptor) throws(Errno) {
    self = try FileStatus(descriptor: descriptor.rawValue, name: "", followingLinks: true)
  }

  /// Looks at `name` within the directory that `directory` has open.
  package init(
    of name: UnsafePointer<CChar>, in directory: FileDescriptor, followingLinks: Bool = true
  ) throws(Errno) {
    self = try FileStatus(
      descriptor: directory.rawValue, name: name, followingLinks: followingLinks)
  }

  private init(
    descriptor: CInt, name: UnsafePointer<CChar>, followingLinks: Bool
  ) throws(Errno) {
    var status = clinux_status()
    _ = try systemCall { clinux_status(descriptor, name, followingLinks ? 1 : 0, &status) }
    switch mode_t(status.mode) & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .directory
    case S_IFLNK: kind = .symbolicLink
    default: kind = .other
    }
    size = Int(clamping: status.size)
    inode = status.inode
    device = status.device
    modified = Timestamp(
      seconds: status.modified_seconds, nanoseconds: status.modified_nanoseconds)
  }
}
