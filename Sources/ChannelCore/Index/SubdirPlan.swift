internal import ChannelSystem
internal import SystemPackage

/// What has to be read of one subdir, and what its ledger says once that is done.
struct SubdirPlan: Sendable {
  /// A package to read.
  struct Reading: Sendable {
    let archive: ArchiveName
    let path: FilePath
    let version: FileVersion
  }

  typealias Outcome = Result<ReadPackage, PackageError>

  let subdir: Platform
  let layout: ChannelLayout
  /// What has to be read, in the order of the documents.
  let readings: [Reading]
  private let files: [SubdirScan.File]
  private let known: Ledger
  /// What an index says that was published without a ledger, by this tool or another.
  private let published: PublishedAppearances

  /// Compares the directory with the ledger; a lost or damaged ledger means that everything is read.
  init(_ subdir: Platform, _ layout: ChannelLayout) throws(ChannelError) {
    self.subdir = subdir
    self.layout = layout
    let directory = layout.directory(of: subdir)
    let scan = try SubdirScan(of: directory)
    Self.remove(scan.leftovers, in: directory)
    files = scan.files

    let ledger = Self.bytes(of: layout.ledger(of: subdir)).flatMap(Ledger.init(bytes:))
    known = ledger ?? Ledger()
    published =
      ledger == nil
      ? PublishedAppearances(
        repodata: Self.bytes(of: layout.document(.repodata, in: subdir)) ?? [])
      : PublishedAppearances()

    var entries = SortedCursor(known.entries)
    readings = files.compactMap { file in
      if let entry = entries.advance(to: file.archive), entry.isCurrent(for: file.version) {
        return nil
      }
      return Reading(
        archive: file.archive, path: layout.package(file.archive, in: subdir),
        version: file.version)
    }
  }

  /// The ledger after `outcomes`, one for each reading in their order, and what changed.
  func settle(_ outcomes: [Outcome], now: Int) -> (Ledger, IndexReport.Subdir) {
    var report = IndexReport.Subdir(platform: subdir)
    var ledger = Ledger()
    var entries = SortedCursor(known.entries)
    var outcomes = zip(readings, outcomes).makeIterator()
    var next = outcomes.next()
    for file in files {
      let old = entries.advance(to: file.archive) { gone in
        if case .published = gone.state { report.removed += 1 }
        ledger.entries.append(gone.afterDeletion)
      }
      var entry: Ledger.Entry
      if let (reading, outcome) = next, reading.archive == file.archive {
        next = outcomes.next()
        entry = self.entry(for: reading, outcome, old: old, now: now)
        report.count(old, entry)
      } else if let old {
        entry = old
      } else {
        continue
      }
      switch entry.state {
      case .published: report.published += 1
      case .quarantined(let code, let reason):
        let path = layout.package(file.archive, in: subdir)
        report.quarantined.append(PackageError(.init(description: code), path, reason))
      case .gone: break
      }
      ledger.entries.append(entry)
    }
    entries.finish { gone in
      if case .published = gone.state { report.removed += 1 }
      ledger.entries.append(gone.afterDeletion)
    }
    return (ledger, report)
  }

  private func entry(
    for reading: Reading, _ outcome: Outcome, old: Ledger.Entry?, now: Int
  ) -> Ledger.Entry {
    switch outcome {
    case .success(let package):
      let appearance = appearance(of: package, reading, old: old, now: now)
      return Ledger.Entry(
        archive: reading.archive, version: package.version,
        state: .published(package.published(since: appearance)), appearance: appearance)
    case .failure(let error):
      return Ledger.Entry(
        archive: reading.archive, version: reading.version,
        state: .quarantined(code: error.code.description, reason: error.reason),
        appearance: old?.appearance)
    }
  }

  /// When the bytes of a package first appeared: other bytes under an old name are a new package,
  /// or clients that wait before they trust new ones could be cheated.
  private func appearance(
    of package: ReadPackage, _ reading: Reading, old: Ledger.Entry?, now: Int
  ) -> Ledger.Appearance {
    if let appearance = old?.appearance, appearance.sha256 == package.sha256 { return appearance }
    var milliseconds = now
    if let published = published[reading.archive],
      published.sha256 == package.sha256.description
    {
      // An index that did not keep the time listed the package at least since the file is there.
      let fileTime = Int(reading.version.seconds) * 1000
      milliseconds = published.milliseconds ?? min(max(fileTime, 0), now)
    }
    return Ledger.Appearance(sha256: package.sha256, milliseconds: milliseconds)
  }

  private static func bytes(of path: FilePath) -> [UInt8]? {
    (try? MappedFile(path))?.withBytes { Array($0) }
  }

  private static func remove(_ leftovers: [String], in directory: FilePath) {
    for name in leftovers {
      AtomicFile.remove(directory.appending(name))
    }
  }
}

extension Ledger.Entry {
  /// Whether what is known still holds for the file that lies there now.
  func isCurrent(for version: FileVersion) -> Bool {
    if case .gone = state { return false }
    return self.version == version
  }

  fileprivate var afterDeletion: Ledger.Entry {
    var entry = self
    entry.state = .gone
    return entry
  }
}

extension IndexReport.Subdir {
  fileprivate mutating func count(_ old: Ledger.Entry?, _ new: Ledger.Entry) {
    switch (old?.state, new.state) {
    case (.published, .published):
      if old?.appearance?.sha256 != new.appearance?.sha256 { updated += 1 }
    case (_, .published): added += 1
    case (.published, _): removed += 1
    default: break
    }
  }
}

/// Walks along ledger entries beside a sorted list of files.
private struct SortedCursor {
  private let entries: [Ledger.Entry]
  private var position = 0

  init(_ entries: [Ledger.Entry]) {
    self.entries = entries
  }

  /// The entry called `archive`, if there is one; entries passed on the way are given to `skipped`.
  mutating func advance(
    to archive: ArchiveName, skipped: (Ledger.Entry) -> Void = { _ in }
  ) -> Ledger.Entry? {
    while position < entries.count {
      let entry = entries[position]
      if archive < entry.archive { return nil }
      position += 1
      if entry.archive == archive { return entry }
      skipped(entry)
    }
    return nil
  }

  /// Gives all entries that are left to `skipped`.
  mutating func finish(_ skipped: (Ledger.Entry) -> Void) {
    entries[position...].forEach(skipped)
    position = entries.count
  }
}
