internal import ChannelSystem
internal import SystemPackage

/// Looks for files that should not be there, and for what a server may not read.
struct FolderInspection {
  let layout: ChannelLayout

  /// What is wrong directly in the channel's root and in the indexer's own directory.
  func root() -> [Finding] {
    var findings = permissions(of: layout.root, ".", isDirectory: true)
    for (entry, kind) in entries(of: layout.root) {
      if entry.hasPrefix(AtomicFile.temporaryPrefix) {
        findings.append(leftover(entry))
      } else if kind == .directory, !entry.hasPrefix("."), Platform(entry) == nil,
        entries(of: layout.root.appending(entry)).contains(where: { ArchiveName($0.0) != nil })
      {
        findings.append(
          Finding(
            kind: .stray, path: entry, problem: "holds packages, but no client looks there",
            remedy: "move them into the subdirs they are for"))
      }
    }
    for (entry, _) in entries(of: layout.state) where entry.hasPrefix(AtomicFile.temporaryPrefix) {
      findings.append(leftover(".channel/\(entry)"))
    }
    return findings
  }

  /// What is wrong in a subdir's directory and that of its shards, but for what they hold.
  func subdir(_ subdir: Platform) -> [Finding] {
    let directory = layout.directory(of: subdir)
    var findings = permissions(of: directory, subdir.name, isDirectory: true)
    var spellings: [String: String] = [:]
    for (entry, kind) in entries(of: directory).sorted(by: { $0.0.precedes($1.0) }) {
      let path = "\(subdir)/\(entry)"
      if entry.hasPrefix(AtomicFile.temporaryPrefix) {
        findings.append(leftover(path))
        continue
      }
      guard !entry.hasPrefix(".") else { continue }
      if let other = spellings.updateValue(entry, forKey: entry.lowercased()) {
        findings.append(
          Finding(
            kind: .names, path: path, problem: "differs from \(other) only in case",
            remedy: "mirrors on some file systems hold one of them: remove the other"))
      }
      if kind == .directory {
        findings += permissions(of: directory.appending(entry), path, isDirectory: true)
        if entry != "shards" {
          findings.append(
            Finding(
              kind: .stray, path: path, problem: "a directory that no client asks for",
              remedy: "move it out of the subdir"))
        }
      } else {
        findings += permissions(of: directory.appending(entry), path, isDirectory: false)
        if ArchiveName(entry) == nil, !Self.isDocument(entry) {
          findings.append(
            Finding(
              kind: .stray, path: path, problem: "no package and no document of a channel",
              remedy: "move it out of the subdir"))
        }
      }
    }
    for (entry, _) in entries(of: layout.shards(of: subdir)) {
      let path = "\(subdir)/shards/\(entry)"
      if entry.hasPrefix(AtomicFile.temporaryPrefix) {
        findings.append(leftover(path))
      } else {
        let file = layout.shards(of: subdir).appending(entry)
        findings += permissions(of: file, path, isDirectory: false)
      }
    }
    return findings
  }

  /// Whether a name is one that some indexer gives to a document, or tools to a package's companion.
  private static func isDocument(_ name: String) -> Bool {
    let bare =
      [".zst", ".bz2", ".gz"].first { name.hasSuffix($0) }
      .map { String(name.dropLast($0.count)) } ?? name
    return [
      "repodata.json", "current_repodata.json", "repodata_from_packages.json", "run_exports.json",
      "repodata_shards.msgpack", "repodata.jlap", "patch_instructions.json", "index.html",
    ].contains(bare) || name.contains(".conda.sig") || name.contains(".tar.bz2.sig")
  }

  private func leftover(_ path: String) -> Finding {
    Finding(
      kind: .stray, path: path, problem: "left behind by a run that was cut off",
      remedy: "the next run of channel-index that publishes there removes it")
  }

  private func permissions(of file: FilePath, _ path: String, isDirectory: Bool) -> [Finding] {
    guard let permissions = try? FileStatus.permissions(of: file) else { return [] }
    let wanted: FilePermissions = isDirectory ? [.otherRead, .otherExecute] : .otherRead
    guard !permissions.contains(wanted) else { return [] }
    return [
      Finding(
        kind: .permissions, path: path,
        problem:
          "other users, such as a server's, may not \(isDirectory ? "look into" : "read") it",
        remedy: "chmod \(isDirectory ? "a+rx" : "a+r") it")
    ]
  }

  private func entries(of directory: FilePath) -> [(String, FileStatus.Kind?)] {
    guard var entries = try? DirectoryEntries(of: directory) else { return [] }
    var list: [(String, FileStatus.Kind?)] = []
    while let entry = try? entries.next() {
      list.append((entry.text, (try? entries.status(of: entry))?.kind))
    }
    return list
  }
}
