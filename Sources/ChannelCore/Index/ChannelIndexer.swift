internal import ChannelSystem
internal import Glibc
public import SystemPackage

/// Makes the index of a channel: what clients read to know which packages there are.
///
/// A run looks at every subdir, reads the packages that are new or changed since the last run, and
/// publishes the documents that differ. Packages that clients could not use are quarantined: left
/// where they are, left out of the index, and named in the report.
public struct ChannelIndexer: Sendable {
  /// Where everything in the channel lies.
  public let layout: ChannelLayout
  /// How runs go about their work.
  public var options: IndexOptions
  /// Told, now and then and on any thread, how far a run has come.
  public var progress: @Sendable (IndexProgress) -> Void = { _ in }

  /// Which files somebody is still writing, as far as that is known.
  var unfinished: @Sendable (Platform) -> UnfinishedFiles = { _ in UnfinishedFiles() }
  /// Milliseconds since 1970.
  package var now: @Sendable () -> Int = ChannelIndexer.currentTime
  /// Told of every change that a reader could see, right after it was made.
  package var publicationObserver: @Sendable (FilePath) -> Void = { _ in }
  /// Told of every package in the midst of its reading.
  package var packageObserver: @Sendable (FilePath) -> Void = { _ in }

  /// Prepares to index the channel in the directory `channel`.
  public init(channel: FilePath, options: IndexOptions = IndexOptions()) {
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
    return try run(including: Set(subdirs))
  }

  /// Brings the index up to date with the packages that lie in the channel now.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole cannot be indexed. What concerns one
  ///   package or one subdir is in the report.
  public func run() throws(ChannelError) -> IndexReport {
    try run(including: [])
  }

  private func run(including subdirs: Set<Platform>) throws(ChannelError) -> IndexReport {
    try underLock { (turn) throws(ChannelError) in
      var report = try publish(including: subdirs.union([.noarch]), turn)
      if options.deletesExpired { try deleteExpired(&report, turn) }
      return report
    }
  }

  /// Holds the channel's lock for as long as `body` runs.
  func underLock<Value>(
    _ body: (WritingTurn) throws(ChannelError) -> Value
  ) throws(ChannelError) -> Value {
    try SubdirSearch(layout).requireChannelRoot()
    try makeDirectory(layout.state)
    let lock = try ChannelLock(layout, timeout: options.lockTimeout)
    // Not before: whoever waited would publish what was wanted when the wait began.
    let patches = try readPatches()
    // Here and not with each subdir: those are published side by side and all write there.
    AtomicFile.removeLeftovers(in: layout.state)
    let value = try body(WritingTurn(witness: lock.witness, patches: patches))
    _ = consume lock
    return value
  }

  /// Publishes all there is or, given `changes`, what they make of their subdirs without a look at
  /// anything else.
  func publish(
    including subdirs: Set<Platform> = [.noarch], changes: [Platform: SubdirChange]? = nil,
    _ turn: WritingTurn
  ) throws(ChannelError) -> IndexReport {
    try makeDirectory(layout.directory(of: .noarch))
    let operatorChanges = try operatorChanges(turn.patches)
    var changes = changes
    if changes != nil {
      // The channel's own documents speak of all subdirs as they are to be amended now.
      for subdir in try outdatedSubdirs(under: operatorChanges)
      where changes?[subdir] == nil {
        changes?[subdir] = SubdirChange()
      }
    }
    let included = subdirs.union(changes?.keys.map(\.self) ?? [])
    var (report, subdirs) = try index(including: included, changes, operatorChanges) {
      (subdir) throws(ChannelError) in
      try turn.witness.check()
      return try subdir.publish()
    }
    // A subdir that failed is named already; what the channel says of it stays as it is until then.
    guard report.failures.isEmpty else { return report }
    let channel = Result { () throws(ChannelError) in
      try turn.witness.check()
      return try publishChannel(operatorChanges, subdirs)
    }
    if let channel = report.take(channel) { report.channel = channel }
    return report
  }

  /// Finds out what a run would change, and changes nothing.
  ///
  /// - Throws: ``ChannelError`` when the channel as a whole could not be indexed.
  public func rehearse() throws(ChannelError) -> IndexReport {
    try SubdirSearch(layout).requireChannelRoot()
    return try index(including: [], nil, try operatorChanges(try readPatches())) {
      (subdir) throws(ChannelError) in subdir.rehearse()
    }.report
  }

  /// What the index of every subdir would list after a run, where `published` is what it lists now.
  func rehearsedListing(
    after published: ChannelListing
  ) throws(ChannelError) -> ChannelListing {
    try SubdirSearch(layout).requireChannelRoot()
    let (report, subdirs) = try index(
      including: [], nil, try operatorChanges(try readPatches())
    ) { (subdir) throws(ChannelError) in subdir.rehearse() }
    if let failure = report.failures.first { throw failure }
    var listing = ChannelListing()
    for subdir in subdirs {
      listing.subdirs[subdir.platform] =
        subdir.listing ?? published.subdirs[subdir.platform]
    }
    return listing
  }

  private func readPatches() throws(ChannelError) -> PatchSource? {
    guard let path = options.patches else { return nil }
    return try PatchSource(reading: path)
  }

  func operatorChanges(_ patches: PatchSource?) throws(ChannelError) -> OperatorChanges {
    OperatorChanges(
      patches: patches, yanks: try YankList(of: layout), retention: options.retention, now: now())
  }

  private func index(
    including included: Set<Platform>, _ changes: [Platform: SubdirChange]? = nil,
    _ operatorChanges: OperatorChanges,
    _ publish: @escaping @Sendable (AmendedSubdir) throws(ChannelError) -> IndexReport.Subdir
  ) throws(ChannelError) -> (report: IndexReport, subdirs: [AmendedSubdir]) {
    var report = IndexReport()
    let patches = operatorChanges.patches
    let search = SubdirSearch(layout)
    let subdirs = try search.subdirs(
      chosen: changes.map { Array($0.keys) } ?? options.subdirs, including: included,
      warnings: &report.warnings)
    let (layout, options, unfinished) = (layout, options, unfinished)
    let plans = subdirs.parallelMap(threads: options.threads, makeContext: {}) { subdir, _ in
      Result { () throws(ChannelError) in
        try SubdirPlan(
          subdir, layout, rules: options.rules, rereadsAll: options.rereads == .all,
          allowsEmpty: options.allowsEmpty,
          change: changes?[subdir], unfinished: unfinished)
      }
    }.compactMap { report.take($0) }
    let now = now()
    let readings = plans.flatMap(\.readings)
    Self.letTimePass(after: readings.map(\.version), now: now)
    // One list for all subdirs, so that every thread has work until all is read.
    var outcomes = read(readings, now: now)[...]
    let work = plans.map { plan in
      let own = Array(outcomes.prefix(plan.readings.count))
      outcomes = outcomes.dropFirst(own.count)
      return (plan, own)
    }
    let amended = work.parallelMap(threads: options.threads, makeContext: {}) { work, _ in
      Result { () throws(ChannelError) in
        var settled = work.0.settle(work.1, now: now)
        settled.withhold(operatorChanges)
        var amendments = settled.amendments(operatorChanges)
        amendments.attestations = work.0.attestations.beside(settled.ledger, now: now)
        return try AmendedSubdir(
          settled, of: work.0, publisher(for: work.0.subdir, amendments),
          warnsOfUnmatched: changes == nil && patches?.everywhere == nil)
      }
    }
    // Patches that one subdir cannot follow are followed by none.
    var ready: [AmendedSubdir] = []
    for result in amended { ready.append(try result.get()) }
    if let patches {
      report.warnings += patches.warnings(
        for: subdirs, areAll: options.subdirs == nil && changes == nil,
        unmatched: ready.map(\.unmatched))
    }
    let results = ready.parallelMap(threads: options.threads, makeContext: {}) { subdir, _ in
      Result { () throws(ChannelError) in try publish(subdir) }
    }
    report.subdirs = results.compactMap { report.take($0) }
    return (report, ready)
  }

  /// The subdirs that are published with other amendments than they would be now.
  private func outdatedSubdirs(
    under changes: OperatorChanges
  ) throws(ChannelError) -> [Platform] {
    try SubdirSearch(layout).knownSubdirs().filter { subdir in
      let path = layout.generation(of: subdir)
      guard let generation = (try? Descriptor.contents(of: path)).flatMap(Generation.init(bytes:))
      else { return false }
      return generation.amendments
        != changes.amendments(of: subdir, asPublishedIn: layout).fingerprint
    }
  }

  private func read(_ readings: [SubdirPlan.Reading], now: Int) -> [SubdirPlan.Outcome] {
    let policy = options.policy
    return reading(readings) { (reading, context) throws(PackageError) in
      if let package = reading.package { return package }
      return try ReadPackage(
        reading.archive, at: reading.path, in: reading.subdir, under: policy, now: now,
        with: &context.reader, context.specs)
    }
  }

  /// Reads a package for each of `items`, on as many threads as the options say.
  func reading<Item: Sendable, Value: Sendable>(
    _ items: [Item],
    _ body: @escaping @Sendable (Item, inout ReadingContext) throws(PackageError) -> Value
  ) -> [Result<Value, PackageError>] {
    let (limits, observer) = (options.readLimits, packageObserver)
    let counter = IndexProgress.Counter(total: items.count, progress)
    return items.parallelMap(
      threads: options.threads,
      makeContext: {
        var reader = PackageReader(limits: limits)
        reader.observer = observer
        return ReadingContext(reader: reader, specs: ReadableSpecs())
      }
    ) { item, context in
      defer { counter.advance() }
      return Result { () throws(PackageError) in try body(item, &context) }
    }
  }

  private func publisher(for subdir: Platform, _ amendments: Amendments) -> SubdirPublisher {
    SubdirPublisher(
      layout: layout, subdir: subdir, options: options.documents, amendments: amendments,
      publication: Publication(observer: publicationObserver), threads: options.threads, now: now())
  }

  /// Publishes the documents of the channel as a whole, given what became of `subdirs`.
  func publishChannel(
    _ operatorChanges: OperatorChanges, _ subdirs: [AmendedSubdir] = []
  ) throws(ChannelError) -> IndexReport.Channel {
    let known = Dictionary(subdirs.map { ($0.platform, $0) }, uniquingKeysWith: { $1 })
    return try ChannelPublisher(
      layout: layout, options: options.documents, operatorChanges: operatorChanges,
      known: known, publication: Publication(observer: publicationObserver),
      readLimits: options.readLimits, threads: options.threads
    ).publish()
  }

  func makeDirectory(_ path: FilePath) throws(ChannelError) {
    do throws(Errno) {
      try path.makeDirectory()
    } catch {
      throw ChannelError(path, "cannot be made: \(error)")
    }
  }

  // MARK: Time

  private static let currentTime: @Sendable () -> Int = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  /// Waits until a file's time tells a version that is read now from one that is written later.
  ///
  /// File systems count in ticks. A file written to again within the tick of its last change, at the
  /// same size, would otherwise pass for the version that was read.
  static func letTimePass(after versions: [FileVersion], now: Int) {
    let waits = versions.map { version in
      // Whole seconds are what coarse file systems keep, two at a time.
      let tick = version.nanoseconds == 0 ? 2_000 : 10
      return version.milliseconds + tick - now
    }
    guard let wait = waits.filter({ (1...2_000).contains($0) }).max() else { return }
    usleep(useconds_t(wait) * 1_000)
  }
}

/// One writer's turn at a channel.
struct WritingTurn: Sendable {
  let witness: ChannelLock.Witness
  /// What records are corrected by, read before anything is written.
  let patches: PatchSource?
}

/// What one thread reads packages with.
struct ReadingContext: ~Copyable {
  var reader: PackageReader
  let specs: ReadableSpecs
}
