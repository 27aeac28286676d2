internal import ChannelSystem
internal import SystemPackage

/// What a command did that takes packages out of the index or brings them back.
public struct WithdrawalReport: Sendable, Hashable {
  /// The packages that were meant, in the channel's order.
  public internal(set) var packages: [PackageLocation] = []
  /// What happened to the index.
  public internal(set) var index = IndexReport()

  /// A report of nothing done yet about `packages`.
  public init(packages: [PackageLocation]) {
    self.packages = packages
  }

  init(packages: [PackageLocation], index: IndexReport) {
    self.packages = packages
    self.index = index
  }
}

extension ChannelIndexer {
  /// The packages that lie in the channel and are meant by at least one of `patterns`.
  ///
  /// Files are meant, whether an index lists them or not.
  ///
  /// - Throws: ``ChannelError`` when the channel cannot be listed, or a pattern means no package.
  public func packages(
    matching patterns: [PackagePattern]
  ) throws(ChannelError) -> [PackageLocation] {
    try SubdirSearch(layout).requireChannelRoot()
    var warnings: [String] = []
    // Whichever subdirs runs are for: what is asked for by name is meant.
    let subdirs = try SubdirSearch(layout).subdirs(chosen: nil, including: [], warnings: &warnings)
    var packages: [PackageLocation] = []
    for subdir in subdirs {
      let files = try SubdirScan(of: layout.directory(of: subdir)).files
      packages += files.map { PackageLocation($0.archive, in: subdir) }
    }
    return try chosen(by: patterns, of: packages)
  }

  /// Takes packages out of the index, then deletes their files.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole cannot be written to, or a pattern means
  ///   no package; then nothing was done.
  public func remove(_ patterns: [PackagePattern]) throws(ChannelError) -> WithdrawalReport {
    try underLock { (turn) throws(ChannelError) in
      let packages = try packages(matching: patterns)
      return WithdrawalReport(packages: packages, index: try remove(packages, turn))
    }
  }

  /// Takes those of `packages` out of the index that are in the channel, then deletes their files.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole cannot be written to.
  public func remove(_ packages: [PackageLocation]) throws(ChannelError) -> WithdrawalReport {
    try underLock { (turn) throws(ChannelError) in
      let packages = present(packages)
      guard !packages.isEmpty else { return WithdrawalReport(packages: []) }
      return WithdrawalReport(packages: packages, index: try remove(packages, turn))
    }
  }

  /// Takes those of `packages` out of the index that are in the channel, and leaves them where they
  /// are.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole cannot be written to.
  public func yank(
    _ packages: [PackageLocation], reason: String
  ) throws(ChannelError) -> WithdrawalReport {
    try underLock { (turn) throws(ChannelError) in
      try yank(present(packages), reason: reason, turn)
    }
  }

  /// Lists those of `packages` again that are yanked.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole cannot be written to.
  public func unyank(_ packages: [PackageLocation]) throws(ChannelError) -> WithdrawalReport {
    try underLock { (turn) throws(ChannelError) in
      let list = try YankList(of: layout)
      return try unyank(packages.filter { list.packages[$0] != nil }.sorted(), turn)
    }
  }

  private func present(_ packages: [PackageLocation]) -> [PackageLocation] {
    Set(packages).filter { package in
      let path = layout.package(package.archive, in: package.subdir)
      return (try? FileStatus(of: path, followingLinks: false)) != nil
    }.sorted()
  }

  /// Takes packages out of the index and leaves them where they are: whoever has pinned one can
  /// still download it.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole cannot be written to, or a pattern means
  ///   no package; then nothing was done.
  public func yank(
    _ patterns: [PackagePattern], reason: String
  ) throws(ChannelError) -> WithdrawalReport {
    try underLock { (turn) throws(ChannelError) in
      try yank(try packages(matching: patterns), reason: reason, turn)
    }
  }

  private func yank(
    _ packages: [PackageLocation], reason: String, _ turn: WritingTurn
  ) throws(ChannelError) -> WithdrawalReport {
    guard !packages.isEmpty else { return WithdrawalReport(packages: []) }
    var list = try YankList(of: layout)
    let time = RFC3339.text(milliseconds: now())
    var changed: Set<Platform> = []
    for (package, sha256) in try digests(of: packages, changed: &changed) {
      list.packages[package] = YankList.Yank(reason: reason, time: time, sha256: sha256)
    }
    return try publish(list, about: packages, changed: changed, turn)
  }

  /// The digests of packages as they lie there; those of `changed` subdirs are not all known yet.
  private func digests(
    of packages: [PackageLocation], changed: inout Set<Platform>
  ) throws(ChannelError) -> [PackageLocation: Digest] {
    var digests: [PackageLocation: Digest] = [:]
    for (subdir, packages) in Dictionary(grouping: packages, by: \.subdir) {
      let ledger = (try? Descriptor.contents(of: layout.ledger(of: subdir)))
        .flatMap { Ledger(bytes: $0) }
      for package in packages {
        let path = layout.package(package.archive, in: subdir)
        let isKnown = ledger?.version(of: package.archive) == Generation.version(of: path)
        if isKnown, let sha256 = ledger?.sha256(of: package.archive) {
          digests[package] = sha256
          continue
        }
        changed.insert(subdir)
        do throws(Errno) {
          digests[package] = try Digest.sha256(ofFileAt: path)
        } catch {
          throw ChannelError(path, "cannot be read: \(error)")
        }
      }
    }
    return digests
  }

  /// Lists yanked packages again.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole cannot be written to, or a pattern means
  ///   no yanked package; then nothing was done.
  public func unyank(_ patterns: [PackagePattern]) throws(ChannelError) -> WithdrawalReport {
    try underLock { (turn) throws(ChannelError) in
      let list = try YankList(of: layout)
      return try unyank(try chosen(by: patterns, of: list.packages.keys.sorted()), turn)
    }
  }

  private func unyank(
    _ packages: [PackageLocation], _ turn: WritingTurn
  ) throws(ChannelError) -> WithdrawalReport {
    guard !packages.isEmpty else { return WithdrawalReport(packages: []) }
    var list = try YankList(of: layout)
    for package in packages { list.packages[package] = nil }
    return try publish(list, about: packages, turn)
  }

  private func chosen(
    by patterns: [PackagePattern], of packages: [PackageLocation]
  ) throws(ChannelError) -> [PackageLocation] {
    var chosen: Set<PackageLocation> = []
    for pattern in patterns {
      let meant = packages.filter(pattern.matches)
      if meant.isEmpty { throw ChannelError(layout.root, "\"\(pattern)\" means no package there") }
      chosen.formUnion(meant)
    }
    return chosen.sorted()
  }

  private func publish(
    _ list: YankList, about packages: [PackageLocation], changed: Set<Platform> = [],
    _ turn: WritingTurn
  ) throws(ChannelError) -> WithdrawalReport {
    let before = try YankList(of: layout)
    try write(list)
    // A package can be forgotten whose subdir was taken away.
    let subdirs = Set(packages.map(\.subdir)).filter {
      (try? FileStatus(of: layout.directory(of: $0)).kind) == .directory
    }
    do throws(ChannelError) {
      let changes = Dictionary(
        uniqueKeysWithValues: subdirs.map { ($0, SubdirChange(isPartial: changed.contains($0))) })
      return WithdrawalReport(packages: packages, index: try publish(changes: changes, turn))
    } catch {
      try write(before)
      throw error
    }
  }

  private func write(_ list: YankList) throws(ChannelError) {
    try Publication().publish([.init(path: layout.yanks, bytes: list.bytes)], in: layout.state)
  }

  /// Deletes the packages that retention took out of the index.
  func deleteExpired(
    _ report: inout IndexReport, _ turn: WritingTurn
  ) throws(ChannelError) {
    let expired = report.subdirs.flatMap { subdir in
      subdir.withheld.filter { !$0.isYanked }
        .map { PackageLocation($0.archive, in: subdir.platform) }
    }
    guard !expired.isEmpty, report.failures.isEmpty else { return }
    let after = try remove(expired, turn)
    report.failures += after.failures
    for subdir in after.subdirs {
      guard let index = report.subdirs.firstIndex(where: { $0.platform == subdir.platform })
      else { continue }
      // Those that an earlier run took out of the index are gone only now.
      let deleted = expired.filter { $0.subdir == subdir.platform }.map(\.archive)
      report.subdirs[index].removed =
        Set(report.subdirs[index].removed + subdir.removed + deleted).sorted()
      report.subdirs[index].withheld = subdir.withheld
      report.subdirs[index].published = subdir.published
    }
  }

  /// Takes packages out of the index, then deletes the files of those that left it.
  func remove(
    _ packages: [PackageLocation], _ turn: WritingTurn
  ) throws(ChannelError) -> IndexReport {
    var changes: [Platform: SubdirChange] = [:]
    for package in packages {
      changes[package.subdir, default: SubdirChange()].dismissed.insert(package.archive)
    }
    var report = try publish(changes: changes, turn)
    let published = Set(report.subdirs.map(\.platform))
    var list = try YankList(of: layout)
    let before = list
    for package in packages where published.contains(package.subdir) {
      let path = layout.package(package.archive, in: package.subdir)
      guard AtomicFile.remove(path) else {
        report.failures.append(
          ChannelError(path, "cannot be deleted: the next run would list it again"))
        continue
      }
      list.packages[package] = nil
    }
    for subdir in published {
      try? AtomicFile.synchronizeDirectory(layout.directory(of: subdir))
    }
    // Last: a package that is still there must not come back.
    if list != before {
      try write(list)
      report.channel = try publishChannel(try operatorChanges(turn.patches))
    }
    return report
  }
}
