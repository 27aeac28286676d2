import Foundation
import Support
import SystemPackage
import Testing

/// What `channel-server` is once it has its sockets.
@Suite struct PrivilegeTests {
  private static let isRoot = geteuid() == 0
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory("f").write("x")
    try directory("secret").write("root's")
    try directory.path.setPermissions([
      .ownerReadWriteExecute, .groupReadExecute, .otherReadExecute,
    ])
    try directory("f").setPermissions([.ownerReadWrite, .otherRead])
    try directory("secret").setPermissions(.ownerReadWrite)
  }

  private func serve(_ options: String...) throws -> RunningServer {
    try RunningServer([directory.path.string, "--host", "127.0.0.1", "--port", "0"] + options)
  }

  /// A line of what the kernel tells of the server.
  private func status(_ name: String, of server: RunningServer) throws -> [Substring] {
    try FilePath("/proc/\(server.identifier)/status").readText().split(separator: "\n")
      .first { $0.hasPrefix("\(name):") }?.split(separator: "\t").dropFirst().map { $0 } ?? []
  }

  @Test(.enabled(if: isRoot)) func `it becomes another user, in every thread and for good`()
    async throws
  {
    let server = try serve("--user", "nobody", "--threads", "2")
    let user = try #require(getpwnam("nobody")).pointee
    #expect(try status("Uid", of: server) == Array(repeating: "\(user.pw_uid)", count: 4))
    #expect(try status("Gid", of: server) == Array(repeating: "\(user.pw_gid)", count: 4))
    #expect(try status("CapEff", of: server) == ["0000000000000000"])
    let threads = try FilePath("/proc/\(server.identifier)/task").entryNames()
    #expect(threads.count >= 3)
    for thread in threads {
      let status = try FilePath("/proc/\(server.identifier)/task/\(thread)/status").readText()
      #expect(status.contains("Uid:\t\(user.pw_uid)\t\(user.pw_uid)\t\(user.pw_uid)\t"))
    }
    #expect(try await Curl.get(server.url + "f").body == "x")
    #expect(try await Curl.get(server.url + "secret").status == 404)
    #expect(await server.stop() == 0)
  }

  @Test(.enabled(if: isRoot)) func `a group may be chosen, and no other is kept`() async throws {
    let server = try serve("--user", "nobody", "--group", "daemon")
    let group = try #require(getgrnam("daemon")).pointee.gr_gid
    #expect(try status("Gid", of: server) == Array(repeating: "\(group)", count: 4))
    #expect(try status("Groups", of: server).first?.split(separator: " ") == ["\(group)"])
  }

  @Test(.enabled(if: isRoot)) func `directories are watched by the new user as well`()
    async throws
  {
    let server = try serve("--user", "nobody", "--threads", "1")
    _ = try await Curl.get(server.url + "f")
    let descriptors = FilePath("/proc/\(server.identifier)/fdinfo")
    let watches = try descriptors.entryNames().compactMap { name in
      try? descriptors.appending(name).readText()
    }
    #expect(watches.contains { $0.contains("inotify wd:") })
  }

  @Test(
    .enabled(if: isRoot),
    arguments: [
      (["--user", "no-such-user"], "--user no-such-user: there is no such user"),
      (["--user", "nobody", "--group", "no-such"], "--group no-such: there is no such group"),
      (["--user", "4000000"], "--user 4000000: the user has no name, so --group must be given"),
    ])
  func `nobody becomes whom there is not`(options: [String], reason: String) async throws {
    let run = try await Command.run(
      Command.built("channel-server"), [directory.path.string, "--port", "0"] + options)
    #expect(run.status == 1)
    #expect(run.errors == "channel-server: error: \(reason)\n")
  }

  @Test func `only root can become another user`() async throws {
    let starter =
      Self.isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    let run = try await Command.run(
      "env",
      starter + [
        Command.built("channel-server"), directory.path.string, "--port", "0", "--user", "root",
      ])
    #expect(run.status == 1)
    #expect(
      run.errors == "channel-server: error: --user: only root can become another user\n")
  }

  @Test func `a group without a user is a usage error`() async throws {
    let run = try await Command.run(
      Command.built("channel-server"), directory.path.string, "--group", "daemon")
    #expect(run.status == 64)
    #expect(run.errors.contains("--group takes --user"))
  }
}
