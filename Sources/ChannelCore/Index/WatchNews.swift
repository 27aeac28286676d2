/// Leaves out of what the runs of a watch have found what was said before.
public struct WatchNews: Sendable {
  private var told: Set<PackageError> = []

  /// Begins with nothing said.
  public init() {}

  /// What a run has found that is worth a line: documents that were written or withdrawn, packages
  /// that were not left out already, and why it failed if it did.
  public mutating func news(of result: Result<IndexReport, ChannelError>) -> IndexReport {
    var report = IndexReport()
    switch result {
    case .success(let found): report = found
    case .failure(let error): report.failures.append(error)
    }
    let quarantined = report.quarantined
    report.subdirs = report.subdirs.map { subdir in
      var subdir = subdir
      // What was said once need not be said after every change.
      subdir.quarantined.removeAll(where: told.contains)
      return subdir
    }.filter { !$0.written.isEmpty || !$0.withdrawn.isEmpty || !$0.quarantined.isEmpty }
    told = Set(quarantined)
    return report
  }
}
