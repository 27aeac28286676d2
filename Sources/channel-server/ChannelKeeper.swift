internal import ChannelCore
internal import ChannelHTTP
internal import ChannelSystem
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Keeps the indexes of channels up to date beside the server, each on a thread of its own.
///
/// Whatever goes wrong is told once and tried again; the server goes on with the index that there is.
final class ChannelKeeper: Sendable {
  /// The folders of the channels.
  let channels: [FilePath]
  /// A pipe that becomes readable once all is to end.
  private let stopping, stopper: Descriptor
  /// A pipe that holds a byte for each thread that has ended.
  private let ended, ender: Descriptor
  private let counts = Mutex<[FilePath: Counts]>([:])

  private struct Counts {
    var published = 0
    var failed = 0
    /// When the last run that did not fail was over, in seconds since 1970.
    var last = 0
  }

  /// Seconds after which it is tried anew to watch a channel that cannot be watched.
  private static let patience = 5

  /// - Throws: `Errno` when the system has no descriptors or threads to give.
  init(of channels: [FilePath]) throws {
    self.channels = channels
    let (stops, ends) = (try FileDescriptor.pipe(), try FileDescriptor.pipe())
    stopping = Descriptor(owning: stops.readEnd)
    stopper = Descriptor(owning: stops.writeEnd)
    ended = Descriptor(owning: ends.readEnd)
    ender = Descriptor(owning: ends.writeEnd)
    for (number, channel) in channels.enumerated() {
      _ = try WorkerThread(named: "indexer-\(number)") { [self] in
        // Those who are served go first; what this thread starts inherits it.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        keep(ChannelLayout(root: channel))
        _ = try? ender.raw.writeAll([0])
      }
    }
  }

  /// Ends all, and waits for runs that are under way, but no longer than the drain timeout: a run that
  /// is cut off leaves the index as it was.
  func stop(within time: Duration) {
    _ = try? stopper.raw.writeAll([0])
    let clock = ContinuousClock()
    let deadline = clock.now + time
    for _ in channels {
      let rest = Int(max(.zero, deadline - clock.now) / .milliseconds(1))
      let ready = try? ChangeNotifier.wait(
        for: ended.raw, or: ended.raw, milliseconds: rest)
      guard ready?.first == true else { return }
      var byte: UInt8 = 0
      _ = withUnsafeMutableBytes(of: &byte) { try? ended.raw.read(into: $0) }
    }
  }

  private func keep(_ layout: ChannelLayout) {
    var news = WatchNews()
    var lastFailures: [String] = []
    func tell(_ result: Result<IndexReport, ChannelError>) {
      let report = news.news(of: result)
      for subdir in report.subdirs { Console.say(subdir.summary) }
      for error in report.quarantined { Console.say("left out: \(error)") }
      let failures = report.failures.map { reason(of: $0, layout) }
      for failure in failures where !lastFailures.contains(failure) {
        Console.say("error: \(failure)")
      }
      lastFailures = failures
      note(layout.root, hasFailed: !failures.isEmpty)
    }
    while true {
      let indexer = ChannelIndexer(channel: layout.root, options: (try? options(layout)) ?? .init())
      do throws(ChannelError) {
        try indexer.watch(
          until: stopping.raw,
          refreshing: { () throws(ChannelError) in try self.options(layout) }, tell)
        return
      } catch {
        tell(.failure(error))
      }
      let isOver = try? ChangeNotifier.wait(
        for: stopping.raw, or: stopping.raw, milliseconds: Self.patience * 1000)
      if isOver?.first != false { return }
    }
  }

  private func options(_ layout: ChannelLayout) throws(ChannelError) -> IndexOptions {
    try ChannelConfiguration.options(of: layout)
  }

  /// Why a run failed, and what to do where it can never succeed.
  private func reason(of error: ChannelError, _ layout: ChannelLayout) -> String {
    var status = statvfs()
    guard statvfs(layout.root.string, &status) == 0, status.f_flag & UInt(ST_RDONLY) != 0
    else { return "\(error)" }
    return "\(layout.root): lies on a volume that is read-only here, so its index stays as it is;"
      + " run channel-index where it can be written, or leave --index-on-change out"
  }

  private func note(_ channel: FilePath, hasFailed: Bool) {
    counts.withLock { counts in
      if hasFailed {
        counts[channel, default: Counts()].failed += 1
      } else {
        counts[channel, default: Counts()].published += 1
        counts[channel, default: Counts()].last = time(nil)
      }
    }
  }

  /// Writes how often each channel was indexed, under the names by which the metrics know them.
  func write(to text: inout MetricsText, _ channels: [ServedChannels.Channel]) {
    let counts = counts.withLock(\.self)
    let known = channels.compactMap { channel in
      counts[channel.layout.root].map { (name: "/\(channel.path)", counts: $0) }
    }
    text.begin("channel_index_runs_total", .counter, "Runs of the indexer, by how they ended.")
    for (name, counts) in known {
      text.add(counts.published, labels: ["channel": name, "result": "done"])
      text.add(counts.failed, labels: ["channel": name, "result": "failed"])
    }
    text.begin(
      "channel_index_last_run_timestamp_seconds", .gauge,
      "When the last run of the indexer was over that did not fail.")
    for (name, counts) in known where counts.last > 0 {
      text.add(counts.last, labels: ["channel": name])
    }
  }
}
