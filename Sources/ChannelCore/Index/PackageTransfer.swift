internal import ChannelSystem
internal import SystemPackage

/// Puts the file of a package that was read into its subdir, whole or not at all.
struct PackageTransfer {
  let package: ReadPackage
  let source: FilePath
  let target: FilePath
  /// Whether a file that stands there may be replaced.
  let replaces: Bool

  /// Copies the source, and answers what lies there now.
  ///
  /// The copy is what was read and judged, or it does not appear: its digest is made anew.
  func copy() throws(PackageError) -> FileVersion {
    do throws(Errno) {
      let from = try Descriptor(opening: source, options: .nonBlocking)
      let staged = try AtomicFile(replacing: target) { (to) throws(Errno) in
        let digest =
          to.clone(from)
          ? try Digest.sha256(of: to)
          : try Digest.sha256(of: from, copyingTo: to)
        guard digest == package.sha256 else { throw Self.changed }
      }
      try staged.rename(replacing: replaces)
      return try settled()
    } catch {
      throw failure(error)
    }
  }

  /// Moves the source, and answers what lies there now; nil when it must be copied: it lies on
  /// another file system, or is a link.
  func move() throws(PackageError) -> FileVersion? {
    do throws(Errno) {
      guard try FileStatus(of: source, followingLinks: false).kind == .regular else { return nil }
      let file = try Descriptor(opening: source, options: .nonBlocking)
      guard FileVersion(try FileStatus(of: file.raw)) == package.version else { throw Self.changed }
      try file.synchronize()
      // A file for one's own eyes, as temporary ones are, could not be served.
      try file.makeReadable()
      try AtomicFile.rename(source, to: target, replacing: replaces)
      return try settled()
    } catch .improperLink {
      return nil
    } catch {
      throw failure(error)
    }
  }

  /// Stands for a source that is no longer what was read: no call used here fails so.
  private static let changed = Errno.staleNFSFileHandle

  private func settled() throws(Errno) -> FileVersion {
    try AtomicFile.synchronizeDirectory(target.removingLastComponent())
    return FileVersion(try FileStatus(of: target, followingLinks: false))
  }

  private func failure(_ error: Errno) -> PackageError {
    switch error {
    case Self.changed: PackageError(.changedWhileRead, source, "changed after it was read")
    case .fileExists: PackageError(.nameTaken, source, "\(target) was put there meanwhile")
    default: PackageError(.unwritable, source, "cannot be put at \(target): \(error)")
    }
  }
}
