internal import CLinux
internal import ChannelSystem
internal import SystemPackage

/// Something that so many others have to do before one can go on.
final class Countdown: Sendable {
  /// Counts those who are done.
  private let signal: Descriptor
  private let count: Int

  init(_ count: Int) throws(Errno) {
    self.count = count
    signal = Descriptor(owning: try systemCall { eventfd(0, CInt(EFD_CLOEXEC | EFD_SEMAPHORE)) })
  }

  /// Says that one of them is done.
  func down() {
    _ = eventfd_write(signal.raw.rawValue, 1)
  }

  /// Returns when all are done.
  func wait() {
    for _ in 0..<count {
      var one: eventfd_t = 0
      _ = try? systemCall { eventfd_read(signal.raw.rawValue, &one) }
    }
  }
}
