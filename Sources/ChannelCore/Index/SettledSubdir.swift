internal import SystemPackage

/// A subdir after everything that changed was read: its ledger, and what is different.
struct SettledSubdir: Sendable {
  private(set) var ledger: Ledger
  var report: IndexReport.Subdir
  /// The names whose packages are not what they were; their shards are made anew.
  private(set) var changedNames: Set<String> = []
  /// The digest of the ledger that this one replaces.
  let previousLedger: Digest?
  /// Whether nothing that was published before is to be trusted.
  let isVerifying: Bool

  private let subdir: Platform
  private let layout: ChannelLayout

  init(
    _ subdir: Platform, _ layout: ChannelLayout, rules: String, previousLedger: Digest?,
    isVerifying: Bool
  ) {
    self.subdir = subdir
    self.layout = layout
    ledger = Ledger(rules: rules)
    report = IndexReport.Subdir(platform: subdir)
    self.previousLedger = previousLedger
    self.isVerifying = isVerifying
  }

  /// The packages that no document lists although they are fit to be.
  var withheld: Set<ArchiveName> { Set(report.withheld.map(\.archive)) }

  /// Leaves packages out of the index that were yanked, and those that newer ones replaced.
  mutating func withhold(_ changes: OperatorChanges) {
    report.withheld = changes.withheld(in: subdir, among: ledger)
    report.warnings += changes.outlivedYanks(in: subdir, of: layout, among: ledger)
  }

  /// All that is to be done to the packages.
  func amendments(_ changes: OperatorChanges) -> Amendments {
    changes.amendments(of: subdir, withholding: report.withheld)
  }

  /// What cannot be installed any more because of what is withheld, a line each.
  var brokenPins: [String] {
    guard report.withheld.contains(where: { !$0.isYanked }) else { return [] }
    return ExactPins.unsatisfied(among: ledger.published, withheld: withheld)
  }

  /// Takes over what is known of a file that did not change.
  mutating func append(_ entry: Ledger.Entry) {
    ledger.entries.append(entry)
    list(entry)
  }

  /// Keeps what is known of a file that could not be read again.
  mutating func append(_ entry: Ledger.Entry, despite error: PackageError) {
    append(entry)
    report.warnings.append("\(error); its record is kept as it was")
  }

  /// Takes in a file that was read.
  mutating func append(_ entry: Ledger.Entry, replacing old: Ledger.Entry?) {
    ledger.entries.append(entry)
    list(entry)
    switch (old?.state, entry.state) {
    case (.published(let before), .published(let after)):
      guard before.record != after.record || before.runExports != after.runExports else { break }
      report.updated.append(
        IndexReport.Update(
          archive: entry.archive, before: Array(before.record), after: Array(after.record)))
      if isVerifying, old?.version == entry.version,
        old?.appearance?.sha256 != entry.appearance?.sha256
      {
        report.warnings.append(
          "\(path(of: entry)): its content changed although its size and time did not")
      }
    case (_, .published): report.added.append(entry.archive)
    case (.published, _): report.removed.append(entry.archive)
    default: break
    }
    if case .published(let package) = entry.state {
      for warning in package.warnings { report.warnings.append("\(path(of: entry)): \(warning)") }
    }
    noteChange(from: old?.state, to: entry.state)
  }

  /// Takes in that a file is no longer there; what must outlast it is kept.
  mutating func appendDeleted(_ old: Ledger.Entry) {
    if old.appearance != nil {
      var entry = old
      entry.state = .gone
      ledger.entries.append(entry)
    }
    if case .published = old.state { report.removed.append(old.archive) }
    noteChange(from: old.state, to: .gone)
  }

  private mutating func list(_ entry: Ledger.Entry) {
    switch entry.state {
    case .published: report.published += 1
    case .quarantined(let code, let reason):
      report.quarantined.append(PackageError(.init(description: code), path(of: entry), reason))
    case .gone: break
    }
  }

  private func path(of entry: Ledger.Entry) -> FilePath {
    layout.package(entry.archive, in: subdir)
  }

  private mutating func noteChange(from old: Ledger.State?, to new: Ledger.State) {
    for case .published(let package)? in [old, new] {
      changedNames.insert(String(decoding: package.name, as: UTF8.self))
    }
  }
}
