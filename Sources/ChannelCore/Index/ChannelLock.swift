internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// The right to write to a channel, held by one process at a time.
///
/// The kernel gives it back when the process ends, however it ends: there are no stale locks.
struct ChannelLock: ~Copyable {
  private let descriptor: Descriptor
  /// What tells whether the lock still stands.
  let witness: Witness

  /// A lock whose file has been taken away keeps nobody out any more.
  struct Witness: Sendable {
    fileprivate let path: FilePath
    fileprivate let inode: UInt64

    func check() throws(ChannelError) {
      guard (try? FileStatus(of: path, followingLinks: false).inode) == inode else {
        throw ChannelError(path, "was removed or replaced during the run; another may be under way")
      }
    }
  }

  /// Waits for the lock, at most `timeout` seconds.
  init(_ layout: ChannelLayout, timeout: Double) throws(ChannelError) {
    let path = layout.lock
    let deadline = Self.deadline(after: timeout)
    while true {
      let descriptor = try Self.open(path)
      try Self.acquire(descriptor, path, until: deadline, timeout: timeout)
      guard let status = try? FileStatus(of: descriptor.raw) else { continue }
      let witness = Witness(path: path, inode: status.inode)
      // Taken away while it was waited for: the next one to come would make a new file.
      if (try? witness.check()) == nil { continue }
      Self.note(holderIn: descriptor)
      self.descriptor = descriptor
      self.witness = witness
      return
    }
  }

  /// Waits until nobody writes to the channel, and keeps writers out; nil when there is no lock that
  /// could be taken, because nothing was ever indexed there or nothing can be.
  static func shared(
    _ layout: ChannelLayout, timeout: Double
  ) throws(ChannelError) -> ChannelLock? {
    let path = layout.lock
    guard let descriptor = try? Descriptor(opening: path, options: [.noFollow, .nonBlocking]),
      let status = try? FileStatus(of: descriptor.raw)
    else { return nil }
    try acquire(
      descriptor, path, until: deadline(after: timeout), timeout: timeout, operation: LOCK_SH)
    return ChannelLock(
      descriptor: descriptor, witness: Witness(path: path, inode: status.inode))
  }

  private init(descriptor: consuming Descriptor, witness: Witness) {
    self.descriptor = descriptor
    self.witness = witness
  }

  private static func deadline(after timeout: Double) -> ContinuousClock.Instant {
    ContinuousClock().now + .seconds(timeout.isFinite ? min(max(timeout, 0), 1e9) : 0)
  }

  private static func open(_ path: FilePath) throws(ChannelError) -> Descriptor {
    let options: FileDescriptor.OpenOptions = [.noFollow, .nonBlocking]
    do throws(Errno) {
      do throws(Errno) {
        return try Descriptor(
          opening: path, .readWrite, options: options.union(.create),
          permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
      } catch .permissionDenied {
        // Another user's lock need not be written to.
        return try Descriptor(opening: path, options: options)
      }
    } catch {
      throw ChannelError(path, "cannot be opened for locking: \(error)")
    }
  }

  private static func acquire(
    _ descriptor: borrowing Descriptor, _ path: FilePath,
    until deadline: ContinuousClock.Instant, timeout: Double, operation: CInt = LOCK_EX
  ) throws(ChannelError) {
    let clock = ContinuousClock()
    guard (try? FileStatus(of: descriptor.raw).kind) == .regular else {
      throw ChannelError(path, "cannot be locked: not a regular file")
    }
    var pause: useconds_t = 1_000
    while true {
      do throws(Errno) {
        _ = try systemCall { flock(descriptor.raw.rawValue, operation | LOCK_NB) }
        return
      } catch .wouldBlock {
        guard clock.now < deadline else {
          throw ChannelError(
            path,
            "another indexer (\(holder(in: descriptor))) has held the channel for"
              + " \(timeout) s; try again when it is done, or wait longer with --lock-timeout")
        }
        usleep(pause)
        pause = min(pause * 2, 100_000)
      } catch {
        throw ChannelError(path, "cannot be locked: \(error)")
      }
    }
  }

  /// Leaves a line for whoever finds the lock taken.
  private static func note(holderIn descriptor: borrowing Descriptor) {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard ftruncate(descriptor.raw.rawValue, 0) == 0 else { return }
    try? descriptor.writeAll(Array("process \(getpid()) on \(host)".utf8))
  }

  private static func holder(in descriptor: borrowing Descriptor) -> String {
    var bytes = [UInt8](repeating: 0, count: 300)
    let count = bytes.withUnsafeMutableBytes { buffer in
      (try? descriptor.read(into: buffer, at: 0)) ?? 0
    }
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : "unknown"
  }
}
