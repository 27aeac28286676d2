/// Files of a subdir that somebody is still writing.
struct UnfinishedFiles: Sendable {
  /// Those that were written to and not closed since.
  var written: Set<String> = []
  /// Those that were made and neither written to nor closed since; a link is one, and whole.
  var created: Set<String> = []

  func contains(_ file: SubdirScan.File) -> Bool {
    let name = file.archive.fileName
    return written.contains(name) || file.version.size == 0 && created.contains(name)
  }

  mutating func finish(_ name: String) {
    written.remove(name)
    created.remove(name)
  }
}

extension SubdirScan {
  /// Takes files that are still being written for what is known of them, or not at all.
  mutating func leaveOut(_ unfinished: UnfinishedFiles, of known: Ledger) {
    guard files.contains(where: unfinished.contains) else { return }
    var versions: [ArchiveName: FileVersion] = [:]
    for entry in known.entries {
      if case .gone = entry.state { continue }
      versions[entry.archive] = entry.version
    }
    files = files.compactMap { file in
      guard unfinished.contains(file) else { return file }
      return versions[file.archive].map { File(archive: file.archive, version: $0) }
    }
  }
}
