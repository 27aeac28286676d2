internal import ChannelSystem
internal import SystemPackage

/// The package files that lie in a subdir's directory now.
struct SubdirScan {
  /// One file with a package's name.
  struct File: Sendable {
    var archive: ArchiveName
    var version: FileVersion
  }

  /// The files in the order of the documents.
  var files: [File] = []
  /// The files of attestations that lie beside packages, under the packages' names.
  private(set) var attestations: [ArchiveName: FileVersion] = [:]
  /// The names under which attestations were published.
  private(set) var publishedAttestations: Set<String> = []

  /// Lists `directory`.
  ///
  /// Files that vanish meanwhile are left out, as are those `without` which it is to be; links are
  /// followed; directories, pipes and the like under a package's name are listed, so that reading
  /// them names the fault.
  init(of directory: FilePath, without dismissed: Set<ArchiveName> = []) throws(ChannelError) {
    do throws(Errno) {
      var entries = try DirectoryEntries(of: directory)
      while let entry = try entries.next() {
        guard let archive = ArchiveName(entry.text) else {
          try note(entry, in: entries)
          continue
        }
        guard !dismissed.contains(archive) else { continue }
        guard let status = try Self.status(of: entry, in: entries) else { continue }
        files.append(File(archive: archive, version: FileVersion(status)))
      }
    } catch {
      throw ChannelError(directory, "cannot be listed: \(error)")
    }
    files.sort { $0.archive < $1.archive }
    if !attestations.isEmpty {
      let archives = Set(files.map(\.archive))
      attestations = attestations.filter { archives.contains($0.key) }
    }
  }

  /// Takes in a file that is no package.
  private mutating func note(
    _ entry: DirectoryEntries.Entry, in entries: borrowing DirectoryEntries
  ) throws(Errno) {
    if let archive = Attestations.package(of: entry.text) {
      guard let status = try Self.status(of: entry, in: entries), status.kind == .regular
      else { return }
      attestations[archive] = FileVersion(status)
    } else if Attestations.isPublished(entry.text) {
      publishedAttestations.insert(entry.text)
    }
  }

  /// What must lie there if nothing happened since `ledger` was written but `change`.
  init(_ ledger: Ledger, after change: SubdirChange) {
    for entry in ledger.entries {
      if case .gone = entry.state { continue }
      guard change.admitted[entry.archive] == nil, !change.dismissed.contains(entry.archive)
      else { continue }
      files.append(File(archive: entry.archive, version: entry.version))
    }
    files += change.admitted.map { File(archive: $0.key, version: $0.value.version) }
    files.sort { $0.archive < $1.archive }
  }

  /// What lies behind a name; nil when it is gone by now.
  ///
  /// What a dangling link leads to cannot be looked at, but the link itself can. Any other failure is
  /// the whole listing's: a package that cannot be seen for once has not been deleted.
  private static func status(
    of entry: DirectoryEntries.Entry, in entries: borrowing DirectoryEntries
  ) throws(Errno) -> FileStatus? {
    for followsLinks in [true, false] {
      do throws(Errno) {
        return try entries.status(of: entry, followingLinks: followsLinks)
      } catch .noSuchFileOrDirectory, .tooManySymbolicLinkLevels {
        continue
      }
    }
    return nil
  }
}
