import CLinux
import ChannelHTTP
import ChannelSystem
import Glibc
import SystemPackage

/// A user that a process of root's can become, for good.
struct Privileges: Sendable {
  private let user: uid_t
  private let group: gid_t
  /// The name by which the user's groups are known; nil when only `group` is wanted.
  private let name: String?

  /// Looks up a user and perhaps a group, each by name or number.
  ///
  /// - Throws: `ServerError` when there is none of that name.
  init(user: String, group: String?) throws(ServerError) {
    let number = uid_t(user)
    let entry = number.map { getpwuid($0) } ?? getpwnam(user)
    guard let id = entry?.pointee.pw_uid ?? number else {
      throw ServerError(.configuration, "--user \(user)", "there is no such user")
    }
    self.user = id
    if let group {
      guard let id = gid_t(group) ?? getgrnam(group)?.pointee.gr_gid else {
        throw ServerError(.configuration, "--group \(group)", "there is no such group")
      }
      self.group = id
      name = nil
    } else if let entry {
      self.group = entry.pointee.pw_gid
      name = String(cString: entry.pointee.pw_name)
    } else {
      throw ServerError(
        .configuration, "--user \(user)", "the user has no name, so --group must be given")
    }
  }

  /// Becomes the user, and makes sure that there is no way back.
  ///
  /// - Throws: `ServerError` when the process is not root's.
  func drop() throws(ServerError) {
    guard geteuid() == 0 else {
      throw ServerError(.configuration, "--user", "only root can become another user")
    }
    do throws(Errno) {
      if let name {
        _ = try systemCall { initgroups(name, group) }
      } else {
        var groups = [group]
        _ = try systemCall { setgroups(1, &groups) }
      }
      _ = try systemCall { setgid(group) }
      _ = try systemCall { setuid(user) }
      // Without it the process could not see its own descriptors, by which directories are watched.
      _ = try systemCall { clinux_make_dumpable() }
    } catch {
      throw ServerError(.system, "user \(user), group \(group)", "cannot be taken on: \(error)")
    }
    guard user == 0 || setuid(0) != 0 else {
      throw ServerError(.system, "user \(user)", "privileges could be had back")
    }
  }
}
