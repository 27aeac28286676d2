internal import ChannelSystem
internal import SystemPackage

/// Finds out which directories of a channel are subdirs, and what lies where no package should.
struct SubdirSearch {
  private let layout: ChannelLayout

  init(_ layout: ChannelLayout) {
    self.layout = layout
  }

  /// Refuses what is no channel's root, above all a subdir given by mistake: with an index of its
  /// own it would look like a channel and hide the mistake.
  func requireChannelRoot() throws(ChannelError) {
    let kind: FileStatus.Kind
    let packages: [String]
    do throws(Errno) {
      kind = try FileStatus(of: layout.root).kind
      packages =
        kind == .directory
        ? try files(in: layout.root).filter { ArchiveName($0)?.isReadableByClients == true } : []
    } catch {
      throw ChannelError(layout.root, "cannot be opened: \(error)")
    }
    guard kind == .directory else { throw ChannelError(layout.root, "not a directory") }
    let isNamedAsSubdir = Platform(layout.root.lastComponent?.string ?? "") != nil
    let isIndexed = (try? FileStatus(of: layout.root.appending("repodata.json"))) != nil
    guard let found = packages.min() ?? (isNamedAsSubdir && isIndexed ? "repodata.json" : nil)
    else { return }
    let advice =
      isNamedAsSubdir
      ? "this looks like a subdir; give the directory above it"
      : "packages belong in subdirs such as noarch or linux-64"
    throw ChannelError(layout.root, "\(found) lies directly in it: \(advice)")
  }

  /// The subdirs to index, in alphabetical order: `noarch`, those every client knows, those that
  /// have a platform's form and hold packages, and those that held some when last indexed.
  func subdirs(
    chosen: [Platform]?, including included: Set<Platform>, warnings: inout [String]
  ) throws(ChannelError) -> [Platform] {
    // Without noarch no client accepts a channel, whatever was chosen.
    if let chosen { return Set(chosen).union(included.filter { !isIndexed($0) }).sorted() }
    var subdirs = included
    do throws(Errno) {
      for name in try names(in: layout.root) where !name.hasPrefix(".") {
        let directory = layout.root.appending(name)
        guard (try? FileStatus(of: directory).kind) == .directory else {
          // A link whose target is gone leads to nothing that could be listed, and that is to be told.
          if let platform = Platform(name), isIndexed(platform) { subdirs.insert(platform) }
          continue
        }
        guard let platform = Platform(name) else {
          if holdsPackages(directory) {
            warnings.append("\(directory): holds packages, but no client looks into \"\(name)\"")
          }
          continue
        }
        if platform.isKnown || isIndexed(platform) || holdsPackages(directory) {
          subdirs.insert(platform)
        }
      }
    } catch {
      throw ChannelError(layout.root, "cannot be listed: \(error)")
    }
    return subdirs.sorted()
  }

  /// The subdirs whose packages are known, in alphabetical order.
  func knownSubdirs() throws(ChannelError) -> [Platform] {
    var subdirs: [Platform] = []
    do throws(Errno) {
      for name in try names(in: layout.state) where name.hasSuffix(ChannelLayout.ledgerSuffix) {
        guard let subdir = Platform(name.dropLast(ChannelLayout.ledgerSuffix.count)),
          // The times of first appearance outlast a subdir that was taken away.
          (try? FileStatus(of: layout.directory(of: subdir)).kind) == .directory
        else { continue }
        subdirs.append(subdir)
      }
    } catch {
      throw ChannelError(layout.state, "cannot be listed: \(error)")
    }
    return subdirs.sorted()
  }

  private func isIndexed(_ subdir: Platform) -> Bool {
    (try? FileStatus(of: layout.ledger(of: subdir))) != nil
  }

  private func holdsPackages(_ directory: FilePath) -> Bool {
    // What cannot be listed here is reported when the subdir is indexed.
    guard var entries = try? DirectoryEntries(of: directory) else { return false }
    while let entry = try? entries.next() {
      if isPackage(entry.text) { return true }
    }
    return false
  }

  private func isPackage(_ name: String) -> Bool { ArchiveName(name) != nil }

  /// The names of what is no directory.
  private func files(in directory: FilePath) throws(Errno) -> [String] {
    try names(in: directory).filter { name in
      (try? FileStatus(of: directory.appending(name)).kind) != .directory
    }
  }

  private func names(in directory: FilePath) throws(Errno) -> [String] {
    var names: [String] = []
    var entries = try DirectoryEntries(of: directory)
    while let entry = try entries.next() { names.append(entry.text) }
    return names
  }
}
