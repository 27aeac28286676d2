internal import ChannelSite
internal import Synchronization

/// What publishes in this process, as long as it lives and whatever the configuration.
final class PublishingService: Sendable {
  static let shared = PublishingService()

  let publishers = Publishers()
  private let latest = Mutex<Publishing?>(nil)

  /// What the configuration that was made last lets people do; nil where nobody may do anything.
  var current: Publishing? {
    get { latest.withLock(\.self) }
    set { latest.withLock { $0 = newValue } }
  }

  /// Puts right what an earlier process left behind that was cut off.
  func recover() {
    current?.recover()
  }

  /// Takes no more, and returns when all is published that was taken, or when the time is up.
  func stop(within time: Duration) {
    publishers.stop(within: time)
  }
}
