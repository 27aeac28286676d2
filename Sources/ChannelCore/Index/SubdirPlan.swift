internal import ChannelSystem
internal import SystemPackage

/// What has to be read of one subdir, and what its ledger says once that is done.
struct SubdirPlan: Sendable {
  /// A package to read.
  struct Reading: Sendable {
    let archive: ArchiveName
    let subdir: Platform
    let path: FilePath
    let version: FileVersion
    /// The package, when it has been read already.
    var package: ReadPackage?
  }

  typealias Outcome = Result<ReadPackage, PackageError>

  let subdir: Platform
  let layout: ChannelLayout
  /// What has to be read, in the order of the documents.
  let readings: [Reading]
  /// The digest of the ledger that was found; nil when there was none that could be read.
  let ledgerDigest: Digest?
  /// What lies beside the packages to attest them.
  let attestations: Attestations
  private let scan: SubdirScan
  private let known: Ledger
  private let rules: String
  private let rereadsAll: Bool
  /// What an index says that was published without a ledger, by this tool or another.
  private let published: PublishedAppearances

  /// Compares the directory with the ledger.
  ///
  /// All packages are read when the ledger is lost or damaged, when they were judged by other
  /// `rules`, and when `rereadsAll` asks for it. Otherwise, given a `change`, nothing but that is
  /// looked at.
  init(
    _ subdir: Platform, _ layout: ChannelLayout, rules: String, rereadsAll: Bool,
    allowsEmpty: Bool = false, change: SubdirChange? = nil,
    unfinished: (Platform) -> UnfinishedFiles = { _ in UnfinishedFiles() }
  ) throws(ChannelError) {
    self.subdir = subdir
    self.layout = layout
    self.rules = rules
    self.rereadsAll = rereadsAll
    let bytes = try Self.contents(of: layout.ledger(of: subdir))
    let ledger = bytes.flatMap { Ledger(bytes: $0) }
    known = ledger ?? Ledger(rules: rules)
    ledgerDigest = ledger == nil ? nil : bytes.map(Ledger.digest)
    published =
      ledger == nil
      ? PublishedAppearances(
        // What patches remove is listed in the second only, and what is withheld in the first.
        repodata: [
          layout.unlisted(of: subdir), layout.document(.repodataFromPackages, in: subdir),
          layout.document(.repodata, in: subdir),
        ].map { (try? Descriptor.contents(of: $0)) ?? [] })
      : PublishedAppearances()

    let readsAll = rereadsAll || known.rules != rules
    let trusted = ledger == nil || readsAll || change?.isPartial == true ? nil : change
    if let trusted {
      scan = SubdirScan(known, after: trusted)
      attestations = Attestations(after: trusted, in: subdir, of: layout)
    } else {
      var scan = try SubdirScan(
        of: layout.directory(of: subdir), without: change?.dismissed ?? [])
      // Asked after the look: whoever made a file that was seen is known by now.
      scan.leaveOut(unfinished(subdir), of: known)
      self.scan = scan
      attestations = Attestations(scan, in: subdir, of: layout)
    }
    if trusted == nil, !allowsEmpty, change == nil, scan.files.isEmpty {
      try Self.requireDocuments(of: subdir, layout, after: known)
    }
    var entries = SortedCursor(known.entries)
    readings = scan.files.compactMap { file in
      let entry = entries.advance(to: file.archive)
      let package = change?.admitted[file.archive]
      if package == nil, trusted != nil { return nil }
      if !readsAll, let entry, entry.isCurrent(for: file.version),
        package == nil || package?.sha256 == entry.appearance?.sha256
      {
        return nil
      }
      return Reading(
        archive: file.archive, subdir: subdir, path: layout.package(file.archive, in: subdir),
        version: file.version, package: package?.version == file.version ? package : nil)
    }
  }

  /// Refuses to empty the index of a subdir whose documents went with its packages: nobody deletes
  /// those, but they are not there where a file system is not mounted.
  private static func requireDocuments(
    of subdir: Platform, _ layout: ChannelLayout, after known: Ledger
  ) throws(ChannelError) {
    let count = known.published.count
    let isGone = ChannelLayout.DocumentName.allCases.allSatisfy { name in
      Generation.version(of: layout.document(name, in: subdir)) == nil
    }
    guard count > 0, isGone else { return }
    throw ChannelError(
      layout.directory(of: subdir),
      "is empty, documents included, and listed \(count) package\(count == 1 ? "" : "s") when last"
        + " indexed: is a file system not mounted? --allow-empty publishes it as it is")
  }

  /// The subdir after `outcomes`, one for each reading in their order.
  func settle(_ outcomes: [Outcome], now: Int) -> SettledSubdir {
    var settled = SettledSubdir(
      subdir, layout, rules: rules, previousLedger: ledgerDigest, isVerifying: rereadsAll)
    var entries = SortedCursor(known.entries)
    var outcomes = zip(readings, outcomes).makeIterator()
    var next = outcomes.next()
    for file in scan.files {
      let old = entries.advance(to: file.archive) { settled.appendDeleted($0) }
      if let (reading, outcome) = next, reading.archive == file.archive {
        next = outcomes.next()
        if case .failure(let error) = outcome, error.code == .vanished {
          if let old { settled.appendDeleted(old) }
        } else if let old, case .failure(let error) = outcome,
          old.outlives(error, of: reading.version)
        {
          settled.append(old, despite: error)
        } else {
          settled.append(entry(for: reading, outcome, old: old, now: now), replacing: old)
        }
      } else if let old {
        settled.append(old)
      }
    }
    entries.finish { settled.appendDeleted($0) }
    return settled
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
    guard let published = published[reading.archive],
      published.sha256 == package.sha256.description
    else { return Ledger.Appearance(sha256: package.sha256, milliseconds: now) }
    // An index that did not keep the time has listed the package no longer than its file is there.
    let milliseconds = published.milliseconds ?? reading.version.milliseconds
    return Ledger.Appearance(
      sha256: package.sha256, milliseconds: min(max(milliseconds, 0), now))
  }
}

extension SubdirPlan {
  /// A file of the indexer's own; one that cannot be read is not taken for one that is not there,
  /// since what it alone knows would be lost.
  private static func contents(of path: FilePath) throws(ChannelError) -> [UInt8]? {
    do throws(Errno) {
      return try Descriptor.contents(of: path)
    } catch {
      throw ChannelError(path, "cannot be read: \(error)")
    }
  }
}

extension Ledger.Entry {
  /// Refusals that another look may undo although the file is the same.
  private static let passing: Set<String> = [
    PackageError.Code.unreadable.description, PackageError.Code.changedWhileRead.description,
    PackageCheck.timestamp.name,
  ]

  /// Whether a published package stays although the same file could not be read this time: a fault
  /// of the disk or the network must not empty an index.
  fileprivate func outlives(_ error: PackageError, of version: FileVersion) -> Bool {
    guard case .published = state, error.code == .unreadable else { return false }
    return self.version == version
  }

  /// Whether what is known still holds for the file that lies there now.
  func isCurrent(for version: FileVersion) -> Bool {
    switch state {
    case .published: self.version == version
    case .quarantined(let code, _): self.version == version && !Self.passing.contains(code)
    case .gone: false
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
