internal import ChannelSystem
internal import Glibc
public import SystemPackage

/// Makes the index of a channel: what clients read to know which packages there are.
///
/// A run looks at every subdir, reads the packages that are new or changed since the last run, and
/// publishes the documents that differ. Packages that clients could not use are quarantined: left
/// where they are, left out of the index, and named in the report.
public struct ChannelIndexer: Sendable {
  /// How a run goes about its work.
  public struct Options: Sendable {
    /// How many threads read packages.
    public var threads = ChannelIndexer.availableProcessors
    /// The subdirs to index; nil for all there are.
    public var subdirs: [Platform]?
    /// How long to wait for another indexer to finish, in seconds.
    public var lockTimeout = 60.0
    /// What one package may make the reader do.
    public var readLimits = ReadLimits()

    /// The options of a run that nobody configured.
    public init() {}
  }

  /// Where everything in the channel lies.
  public let layout: ChannelLayout
  /// How runs go about their work.
  public let options: Options
  /// Milliseconds since 1970.
  package var now: @Sendable () -> Int = ChannelIndexer.currentTime

  /// Prepares to index the channel in the directory `channel`.
  public init(channel: FilePath, options: Options = Options()) {
    layout = ChannelLayout(root: channel)
    self.options = options
  }

  /// Lays out a channel: a directory and an index for each of `subdirs` and for `noarch`.
  ///
  /// What is already there stays as it is.
  ///
  /// - Throws: ``ChannelError`` when a directory cannot be made or written to.
  public func layOut(_ subdirs: [Platform] = Platform.usual) throws(ChannelError) -> IndexReport {
    try makeDirectory(layout.root)
    try SubdirSearch(layout).requireChannelRoot()
    for subdir in subdirs {
      try makeDirectory(layout.directory(of: subdir))
    }
    return try run()
  }

  /// Brings the index up to date with the packages that lie in the channel now.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole cannot be indexed. What concerns one
  ///   package or one subdir is in the report.
  public func run() throws(ChannelError) -> IndexReport {
    let search = SubdirSearch(layout)
    try search.requireChannelRoot()
    try makeDirectory(layout.state)
    let lock = try ChannelLock(layout, timeout: options.lockTimeout)
    try makeDirectory(layout.directory(of: .noarch))

    var report = IndexReport()
    var plans: [SubdirPlan] = []
    for subdir in try search.subdirs(chosen: options.subdirs, warnings: &report.warnings) {
      do throws(ChannelError) {
        plans.append(try SubdirPlan(subdir, layout))
      } catch {
        report.failures.append(error)
      }
    }
    // One list for all subdirs, so that every thread has work until all is read.
    var outcomes = read(plans.flatMap(\.readings))[...]
    let now = now()
    for plan in plans {
      let own = Array(outcomes.prefix(plan.readings.count))
      outcomes = outcomes.dropFirst(own.count)
      do throws(ChannelError) {
        report.subdirs.append(try publish(plan, own, now: now))
      } catch {
        report.failures.append(error)
      }
    }
    _ = consume lock
    return report
  }

  private func read(_ readings: [SubdirPlan.Reading]) -> [SubdirPlan.Outcome] {
    let limits = options.readLimits
    return readings.parallelMap(
      threads: options.threads, makeContext: { PackageReader(limits: limits) }
    ) { reading, reader in
      SubdirPlan.Outcome { () throws(PackageError) in
        try ReadPackage(reading.archive, at: reading.path, with: &reader)
      }
    }
  }

  private func publish(
    _ plan: SubdirPlan, _ outcomes: [SubdirPlan.Outcome], now: Int
  ) throws(ChannelError) -> IndexReport.Subdir {
    var (ledger, report) = plan.settle(outcomes, now: now)
    // The ledger first: should the run be cut off now, the next one still knows when each package
    // appeared, and makes the documents that are missing.
    let ledgerDocument = Publication.Document(
      path: layout.ledger(of: plan.subdir), bytes: ledger.bytes)
    _ = try Publication.publish([ledgerDocument], in: layout.state)

    let packages = ledger.published
    let repodata = Repodata.document(subdir: plan.subdir, packages: packages)
    let compressed: [UInt8]
    do throws(ZstandardError) {
      compressed = try ZstandardCompressor().frame(of: repodata, level: 16, workers: 2)
    } catch {
      throw ChannelError(
        layout.document(.repodataZstandard, in: plan.subdir), "cannot be made: \(error)")
    }
    let documents: [(ChannelLayout.DocumentName, [UInt8])] = [
      (.repodataZstandard, compressed), (.repodata, repodata),
    ]
    let written = try Publication.publish(
      documents.map { .init(path: layout.document($0.0, in: plan.subdir), bytes: $0.1) },
      in: layout.directory(of: plan.subdir))
    report.written = written.compactMap { path in
      path.lastComponent.flatMap { .init(rawValue: $0.string) }
    }
    return report
  }

  private func makeDirectory(_ path: FilePath) throws(ChannelError) {
    do throws(Errno) {
      try path.makeDirectory()
    } catch {
      throw ChannelError(path, "cannot be made: \(error)")
    }
  }

  /// How many processors there are.
  public static var availableProcessors: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

  private static let currentTime: @Sendable () -> Int = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}
