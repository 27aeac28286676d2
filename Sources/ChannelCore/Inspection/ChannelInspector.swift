internal import ChannelSystem
public import SystemPackage

/// Compares what lies in a channel with what its index says, and every document with the others.
///
/// Nothing is changed. A run that is under way is waited for, so that no half of it is found.
public struct ChannelInspector: Sendable {
  /// Where everything in the channel lies.
  public let layout: ChannelLayout
  /// Whether every package is read, and its digest compared with the index.
  public var readsPackages = false
  /// On how many threads to read.
  public var threads = IndexOptions.availableProcessors
  /// How long to wait for a run that is under way, in seconds.
  public var lockTimeout = 60.0

  /// Prepares to look at the channel in the directory `channel`.
  public init(channel: FilePath) {
    layout = ChannelLayout(root: channel)
  }

  /// Looks at all of the channel.
  ///
  /// - Throws: ``ChannelError`` when there is no channel, or a run does not end in time.
  public func inspect() throws(ChannelError) -> InspectionReport {
    try SubdirSearch(layout).requireChannelRoot()
    let lock = try ChannelLock.shared(layout, timeout: lockTimeout)
    var report = InspectionReport()
    var warnings: [String] = []
    let subdirs = try SubdirSearch(layout)
      .subdirs(chosen: nil, including: [.noarch], warnings: &warnings)
    let folders = FolderInspection(layout: layout)
    report.findings += folders.root()
    do throws(ChannelError) {
      report.yanks = try YankList(of: layout)
    } catch {
      report.failures.append(error)
    }
    var names: Set<String> = []
    for subdir in subdirs {
      do throws(ChannelError) {
        try inspect(subdir, folders, &report, &names)
      } catch {
        report.failures.append(error)
      }
    }
    report.findings += RootInspection(layout: layout, names: names).findings()
    let named = Set(report.findings.lazy.filter { $0.kind == .document }.map(\.path))
    report.findings += PublishedFileInspection(layout: layout).root()
      .filter { !named.contains($0.path) }
    _ = consume lock
    return report
  }

  private func inspect(
    _ subdir: Platform, _ folders: FolderInspection, _ report: inout InspectionReport,
    _ names: inout Set<String>
  ) throws(ChannelError) {
    let directory = layout.directory(of: subdir)
    guard (try? FileStatus(of: directory).kind) == .directory else {
      report.findings.append(
        Finding(
          kind: .document, path: subdir.name, problem: "is not there, and clients want it",
          remedy: "run channel-index"))
      return
    }
    let scan = try SubdirScan(of: directory)
    report.findings += folders.subdir(subdir)
    report.findings += PublishedFileInspection(layout: layout).subdir(subdir)
    let bytes = try? Descriptor.contents(of: layout.ledger(of: subdir))
    guard let ledger = bytes.flatMap({ Ledger(bytes: $0) }) else {
      report.findings.append(
        Finding(
          kind: .ledger, path: subdir.name,
          problem: bytes == nil ? "was never indexed here" : "its ledger is damaged",
          remedy: "run channel-index"))
      return
    }
    let packages = PackageInspection(
      layout: layout, subdir: subdir, ledger: ledger, scan: scan, threads: threads)
    report.findings += packages.findings()
    if readsPackages { report.findings += packages.digestFindings() }
    let documents = DocumentInspection(
      layout: layout, subdir: subdir, ledger: ledger, yanks: report.yanks.archives(in: subdir))
    let index: PublishedIndex?
    (index, report.findings) = documents.findings(after: report.findings)
    guard let index else { return }
    report.packages += index.records.count
    names.formUnion(index.records.keys.compactMap { $0.parts.map { String($0.name) } })
    report.findings += ShardInspection(
      layout: layout, subdir: subdir, index: index, threads: threads
    ).findings()
  }
}
