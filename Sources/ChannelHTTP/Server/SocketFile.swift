internal import CLinux
internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// The file of a listening socket, removed with it unless another has taken its place.
struct SocketFile: ~Copyable, Sendable {
  private let path: FilePath
  private let status: FileStatus

  /// What ends the name under which a socket is made.
  private static let suffix = ".new"
  /// Bytes of the longest path that can be asked for.
  static let longestPath = SocketAddress.longestPath - suffix.utf8.count

  /// Binds under a name of its own and then takes the place of what is at `path`, so that nobody
  /// finds the socket half made, and whoever asks for it at any time finds it or the one before.
  init(
    replacing path: FilePath,
    _ bind: (_ address: SocketAddress, _ name: FilePath) throws(Errno) -> Void
  ) throws(Errno) {
    let name = FilePath(path.string + Self.suffix)
    guard let address = SocketAddress(path: name) else { throw .fileNameTooLong }
    _ = name.withCPath { unlink($0) }
    do throws(Errno) {
      try bind(address, name)
      let status = try FileStatus(of: name, followingLinks: false)
      _ = try name.withCPath { (from) throws(Errno) in
        try path.withCPath { (to) throws(Errno) in try systemCall { rename(from, to) } }
      }
      self.path = path
      self.status = status
    } catch {
      _ = name.withCPath { unlink($0) }
      throw error
    }
  }

  deinit {
    guard let found = try? FileStatus(of: path, followingLinks: false),
      found.inode == status.inode, found.device == status.device
    else { return }
    _ = path.withCPath { unlink($0) }
  }

  /// Sees that nothing at `path` is lost when a socket takes its place.
  ///
  /// - Throws: `.addressInUse` when somebody listens there, `.notSocket` when it is something else.
  static func makeWay(at path: FilePath) throws(Errno) {
    var status = stat()
    do throws(Errno) {
      _ = try path.withCPath { (name) throws(Errno) in try systemCall { lstat(name, &status) } }
    } catch .noSuchFileOrDirectory {
      return
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notSocket }
    guard let address = SocketAddress(path: path) else { throw .fileNameTooLong }
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let probe = Descriptor(owning: try systemCall { socket(AF_UNIX, kind, 0) })
    do throws(Errno) {
      _ = try address.withName { (name, length) throws(Errno) in
        try systemCall { connect(probe.raw.rawValue, name, length) }
      }
    } catch .connectionRefused, .noSuchFileOrDirectory {
      return
    } catch .resourceTemporarilyUnavailable {
      // It has more connections waiting than it takes.
    }
    throw .addressInUse
  }

  /// What went wrong, in words about a socket.
  static func reason(for error: Errno) -> String {
    switch error {
    case .notSocket: "there is a file of another kind"
    case .fileNameTooLong: "a socket's path has at most \(longestPath) bytes"
    default: "\(error)"
    }
  }
}
