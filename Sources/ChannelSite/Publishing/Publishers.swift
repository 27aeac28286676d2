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

  /// Takes no more, and returns when all is published that was taken.
  package func stop() {
    for publisher in publishers.withLock({ Array($0.values) }) { publisher.close() }
  }

  /// How often indexes were published.
  package var generationCount: Int {
    publishers.withLock { $0.values.reduce(0) { $0 + $1.generationCount } }
  }
}
