internal import Logging
internal import Synchronization

/// The publishers of all channels, one for each, whoever asks for it.
package final class Publishers: Sendable {
  private let publishers = Mutex<[PublishableChannel: Publisher]>([:])

  package init() {}

  /// The publisher of a channel; nil where the system has no descriptor to give.
  func publisher(for channel: PublishableChannel, logger: Logger) -> Publisher? {
    publishers.withLock { publishers in
      if let publisher = publishers[channel] { return publisher }
      let publisher = try? Publisher(channel, logger: logger)
      publishers[channel] = publisher
      return publisher
    }
  }

  /// Takes no more, and returns when all is published that was taken, or when the time is up.
  ///
  /// What has begun by then goes on; where the process ends meanwhile, the next one puts it right.
  /// What has not begun is not done.
  package func stop(within time: Duration) {
    let deadline = ContinuousClock.now + time
    let all = publishers.withLock { Array($0.values) }
    for publisher in all { publisher.close() }
    for publisher in all { publisher.end(within: deadline - .now) }
  }

  /// How often indexes were published.
  package var generationCount: Int {
    publishers.withLock { $0.values.reduce(0) { $0 + $1.generationCount } }
  }
}
