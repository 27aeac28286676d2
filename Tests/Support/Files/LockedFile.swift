internal import ChannelSystem
internal import Glibc
package import SystemPackage

/// A file locked as another process would lock it, until told otherwise.
package final class LockedFile: Sendable {
  private let descriptor: Descriptor

  package init(_ path: FilePath) throws(Errno) {
    descriptor = try Descriptor(opening: path, .readWrite)
    _ = try systemCall { flock(descriptor.raw.rawValue, LOCK_EX | LOCK_NB) }
  }

  package func unlock() {
    _ = flock(descriptor.raw.rawValue, LOCK_UN)
  }
}
