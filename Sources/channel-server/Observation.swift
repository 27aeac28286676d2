internal import ChannelCore
internal import ChannelHTTP
internal import ChannelSite
internal import Logging
internal import Synchronization

/// What is counted and remembered as long as the process lives, whatever the configuration.
final class Observation: Sendable {
  static let shared = Observation()

  let server = ServerMetrics()
  let activities = Activities()
  let indexes = PublishedIndexes()
  let digests: ExpectedDigests
  private let keeping = Mutex<ChannelKeeper?>(nil)
  private let shown = Mutex(ServedChannels(folders: []))
  private let counting = Mutex<DownloadCounter?>(nil)

  private init() {
    digests = ExpectedDigests(indexes, Logger(label: "channel-server"))
  }

  /// The channels that are served now.
  var channels: ServedChannels {
    get { shown.withLock(\.self) }
    set { shown.withLock { $0 = newValue } }
  }

  /// What keeps the indexes of the channels; nil when others do.
  var keeper: ChannelKeeper? {
    get { keeping.withLock(\.self) }
    set { keeping.withLock { $0 = newValue } }
  }

  /// What counts downloads; nil when nobody does.
  var downloads: DownloadCounter? {
    get { counting.withLock(\.self) }
    set { counting.withLock { $0 = newValue } }
  }

  /// What hears of downloads from channels.
  func downloadSink(for channels: ServedChannels) -> DownloadSink? {
    downloads.map { counter in
      DownloadSink(suffixes: ArchiveName.Format.allCases.map(\.rawValue)) { downloads in
        counter.count(downloads, at: channels.place)
      }
    }
  }

  /// What hears of digests.
  var sink: ExpectationSink {
    ExpectationSink { [self] path, digest in digests.hear(path, digest, in: channels) }
  }
}
