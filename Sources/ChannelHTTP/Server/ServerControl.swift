internal import CLinux
internal import ChannelSystem
internal import Synchronization
internal import SystemPackage

/// What the loops of one server share.
final class ServerControl: Sendable {
  private let stopping = Atomic<Bool>(false)
  /// Milliseconds that transfers under way are given once `isStopping` is true.
  private let drain = Atomic<Int64>(0)
  private let count = Atomic<Int>(0)
  /// Connections that idle ones of other loops should make room for.
  private let wanted = Atomic<Int>(0)

  var isStopping: Bool { stopping.load(ordering: .acquiring) }
  var drainMilliseconds: Int64 { drain.load(ordering: .relaxed) }

  func stop(drainMilliseconds: Int64) {
    drain.store(drainMilliseconds, ordering: .relaxed)
    stopping.store(true, ordering: .releasing)
  }

  /// Connections open in all loops.
  var connections: Int { count.load(ordering: .relaxed) }

  /// Asks the other loops for the room of one connection.
  func askForRoom() {
    wanted.add(1, ordering: .relaxed)
  }

  /// Takes it upon the caller to make room; false when nobody asks, or nobody any longer.
  func takeRequestForRoom(limit: Int) -> Bool {
    guard connections > limit else {
      wanted.store(0, ordering: .relaxed)
      return false
    }
    guard wanted.subtract(1, ordering: .relaxed).oldValue > 0 else {
      wanted.add(1, ordering: .relaxed)
      return false
    }
    return true
  }

  func connectionOpened() { count.add(1, ordering: .relaxed) }
  func connectionClosed() { count.subtract(1, ordering: .relaxed) }
}

/// Gets a loop out of its sleep.
final class Wakeup: Sendable {
  private let descriptor: Descriptor

  init() throws(Errno) {
    let flags = CInt(EFD_CLOEXEC | EFD_NONBLOCK)
    descriptor = Descriptor(owning: try systemCall { eventfd(0, flags) })
  }

  var file: FileDescriptor { descriptor.raw }

  func wake() {
    _ = eventfd_write(descriptor.raw.rawValue, 1)
  }

  func clear() {
    var count: eventfd_t = 0
    _ = eventfd_read(descriptor.raw.rawValue, &count)
  }
}
