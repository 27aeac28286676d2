internal import ChannelCore
internal import ChannelHTTP
internal import Glibc
internal import Logging
internal import Synchronization
internal import SystemPackage

/// Compares the digests that clients expect of packages with what the index says.
///
/// Where they differ, somebody has replaced a package, or a client goes by an index of long ago: its
/// download will fail, and this is the first that anybody hears of it. No file is read for it.
final class ExpectedDigests: Sendable {
  private struct State {
    var same = 0
    var other = 0
    var unknown = 0
    /// When the last line was logged, in seconds since 1970, and how many were not since.
    var lastLine = 0
    var unsaid = 0
  }

  private let state = Mutex(State())
  private let indexes: PublishedIndexes
  private let logger: Logger

  init(_ indexes: PublishedIndexes, _ logger: Logger) {
    self.indexes = indexes
    self.logger = logger
  }

  func hear(_ path: [UInt8], _ digest: [UInt8], in channels: ServedChannels) {
    guard let package = channels.package(at: path) else { return }
    let index = indexes.digests(package.subdir, of: package.layout)
    guard let index else { return state.withLock { $0.unknown += 1 } }
    switch index.compare(digest, of: package.file) {
    case nil: break
    case .same: state.withLock { $0.same += 1 }
    case .unknown: state.withLock { $0.unknown += 1 }
    case .other(let listed):
      let name = "\(package.subdir.name)/\(package.file)"
      complain(
        "\(package.layout.root.appending(name)): a client expects"
          + " \(String(decoding: digest.prefix(16), as: UTF8.self))…, the index says \(listed)…;"
          + " the package was replaced, or the client goes by an old index")
    }
  }

  /// Says so, but no more than once a second: clients may send what they like.
  private func complain(_ line: String) {
    let now = time(nil)
    let unsaid: Int? = state.withLock { state in
      state.other += 1
      guard state.lastLine != now else {
        state.unsaid += 1
        return nil
      }
      defer { state.unsaid = 0 }
      state.lastLine = now
      return state.unsaid
    }
    guard let unsaid else { return }
    logger.warning("\(line)\(unsaid > 0 ? " (and \(unsaid) more)" : "")")
  }

  func write(to text: inout MetricsText) {
    let state = state.withLock(\.self)
    text.begin(
      "channel_expected_sha256_total", .counter,
      "Downloads whose client said which digest it expects, by whether the index names the same.")
    text.add(state.same, labels: ["result": "same"])
    text.add(state.other, labels: ["result": "other"])
    text.add(state.unknown, labels: ["result": "unknown"])
  }
}
