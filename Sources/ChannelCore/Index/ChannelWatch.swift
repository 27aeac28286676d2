internal import ChannelSystem
public import SystemPackage

/// How long changes to a channel are gathered before they are published together.
public struct WatchOptions: Sendable, Hashable {
  /// How long nothing must have happened, in seconds.
  public var quietPeriod = 0.3
  /// How long the first of many changes waits at most, in seconds.
  public var maximumDelay = 5.0
  /// After how long to look even if nothing was told, in seconds; nil to do so only where changes
  /// by other machines are not told, once in half a minute, and where packages go by their age, once
  /// in ten minutes.
  public var rescanInterval: Double?

  /// Changes are published within seconds.
  public init() {}
}

extension ChannelIndexer {
  /// Brings the index up to date now and after every change, until `stop` becomes readable.
  ///
  /// A package is indexed once whoever writes it has closed its file or moved it there. Changes that
  /// come in a burst are published together. `tell` gets what each run found, or why it failed; a run
  /// that failed is tried again.
  ///
  /// `refreshing` makes the options of each run, the first one included; without it, they stay those
  /// of this indexer. When it fails, `tell` gets the error, and the run is put off until it succeeds:
  /// options of earlier would undo what was published since with others. A change of the channel's
  /// configuration file, ``ChannelConfiguration/fileName``, of ``IndexOptions/sources`` and of patches
  /// makes a run happen, too.
  ///
  /// - Throws: ``ChannelError`` when the channel cannot be watched, or is moved or deleted.
  public func watch(
    options: WatchOptions = WatchOptions(), until stop: FileDescriptor,
    refreshing: (() throws(ChannelError) -> IndexOptions)? = nil,
    _ tell: (Result<IndexReport, ChannelError>) -> Void
  ) throws(ChannelError) {
    try SubdirSearch(layout).requireChannelRoot()
    let channel = try WatchedChannel(layout)
    var indexer = self
    indexer.unfinished = channel.unfinished
    let tellsAll = ChangeNotifier.tellsAll(of: layout.root)
    // Packages grow old although nothing happens.
    let quietInterval: Double? = self.options.retention.days == nil ? nil : 600
    let rescan = (options.rescanInterval ?? (tellsAll ? quietInterval : 30)).map(Self.milliseconds)
    var gathering = Gathering(channel: channel, stop: stop, options: options)
    while true {
      channel.reset()
      let result = Result { () throws(ChannelError) in
        if let refreshing { indexer.options = try refreshing() }
        // What was read before it was watched may be another by now.
        if channel.watch(indexer.options.sources, patches: indexer.options.patches),
          let refreshing
        {
          indexer.options = try refreshing()
        }
        return try indexer.run()
      }
      tell(result)
      let retry = (try? result.get()) == nil ? Self.milliseconds(options.maximumDelay) : rescan
      guard try gathering.next(atLatest: retry) else { return }
    }
  }

  fileprivate static func milliseconds(_ seconds: Double) -> Int {
    Int(min(max(seconds, 0), 1e6) * 1_000)
  }
}

/// Waits for changes, and then for the end of the burst they come in.
private struct Gathering {
  let channel: WatchedChannel
  let stop: FileDescriptor
  let options: WatchOptions
  private let clock = ContinuousClock()

  init(channel: WatchedChannel, stop: FileDescriptor, options: WatchOptions) {
    self.channel = channel
    self.stop = stop
    self.options = options
  }

  /// Returns true when it is time for a run, and false when it is time to stop.
  mutating func next(atLatest limit: Int?) throws(ChannelError) -> Bool {
    // What happened during the run may have been read already.
    while !channel.drain() {
      guard let isTold = try wait(limit) else { return false }
      if !isTold { return true }
    }
    let deadline = clock.now + .seconds(options.maximumDelay)
    while clock.now < deadline {
      let rest = Int((deadline - clock.now) / .milliseconds(1))
      let quiet = ChannelIndexer.milliseconds(options.quietPeriod)
      guard let isTold = try wait(min(quiet, rest)) else { return false }
      if !isTold { break }
      _ = channel.drain()
    }
    return true
  }

  /// Whether something was told in time; nil when it is time to stop.
  private func wait(_ milliseconds: Int?) throws(ChannelError) -> Bool? {
    guard !channel.isLost else {
      throw ChannelError(channel.root, "was moved or deleted while it was watched")
    }
    do throws(Errno) {
      let ready = try ChangeNotifier.wait(
        for: channel.source, or: stop, milliseconds: milliseconds)
      return ready.second ? nil : ready.first
    } catch {
      throw ChannelError(channel.root, "cannot be watched: \(error)")
    }
  }
}
