internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// Files that not everybody may look into.
enum PrivateFile {
  /// Who may look into a file at most.
  enum Audience {
    case owner, group

    fileprivate var refused: mode_t { self == .owner ? 0o077 : 0o037 }
    fileprivate var mode: String { self == .owner ? "600" : "640" }
  }

  /// All bytes of a file; nil when there is none.
  static func contents(
    of path: FilePath, for audience: Audience = .owner
  ) throws(SiteError) -> [UInt8]? {
    do throws(Errno) {
      let file = try Descriptor(opening: path, options: .nonBlocking)
      // Of the file that is read, whatever has its name meanwhile.
      var status = stat()
      _ = try systemCall { fstat(file.raw.rawValue, &status) }
      if status.st_mode & audience.refused == 0 { return try file.readAll(limit: 64 << 20) }
    } catch .noSuchFileOrDirectory {
      return nil
    } catch .permissionDenied {
      throw SiteError(path, "cannot be read; it must belong to the user that the server runs as")
    } catch {
      throw SiteError(path, "cannot be read: \(error)")
    }
    throw SiteError(
      path, "too many may look into it or change it; run chmod \(audience.mode) \(path)")
  }

  /// Replaces a file by one that only its owner may open; the owner stays who it was.
  static func replace(_ path: FilePath, with bytes: [UInt8]) throws(Errno) {
    var before = stat()
    let isThere = path.withPlatformString { stat($0, &before) } == 0
    // What a link points to is meant.
    let target = try path.resolvingLink()
    let file = try AtomicFile(replacing: target, permissions: .ownerReadWrite) {
      (file) throws(Errno) in
      let raw = file.raw.rawValue
      if isThere, before.st_uid != geteuid() || before.st_gid != getegid() {
        // Root at work for the server's own user, or a group of its own.
        _ = try systemCall { fchown(raw, before.st_uid, before.st_gid) }
      }
      try file.writeAll(bytes)
    }
    try file.rename()
    try AtomicFile.synchronizeDirectory(target.removingLastComponent())
  }
}

extension FilePath {
  /// What the path stands for once links are followed; itself where nothing is there yet.
  fileprivate func resolvingLink() throws(Errno) -> FilePath {
    try withCPath { (path) throws(Errno) in
      guard let resolved = realpath(path, nil) else {
        let code = Errno(rawValue: errno)
        if code == .noSuchFileOrDirectory { return self }
        throw code
      }
      defer { free(resolved) }
      return FilePath(platformString: resolved)
    }
  }
}
