internal import CLinux
internal import ChannelSystem
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Writes the access log on a thread of its own, so that a full disk or a stalled pipe never holds
/// up a loop.
final class LogWriter: Sendable {
  private struct Queue {
    var blocks: [[UInt8]] = []
    var bytes = 0
    var isClosing = false
  }

  /// What may wait to be written; what comes beyond it is lost, and counted.
  private static let capacity = 16 << 20

  private let queue = Mutex(Queue())
  private let lost = Atomic<Int>(0)
  private let signal: Descriptor
  private let output: FileDescriptor
  /// Nil for standard output, which is not ours to close.
  private let file: Descriptor?

  init(_ destination: AccessLogDestination) throws(ServerError) {
    do throws(Errno) {
      signal = Descriptor(owning: try systemCall { eventfd(0, CInt(EFD_CLOEXEC)) })
    } catch {
      throw ServerError(.system, "eventfd", "\(error)")
    }
    guard case .file(let path) = destination else {
      file = nil
      output = .standardOutput
      return
    }
    do throws(Errno) {
      let opened = try Descriptor(
        opening: FilePath(path), .writeOnly, options: [.create, .append],
        permissions: [.ownerReadWrite, .groupRead])
      output = opened.raw
      file = consume opened
    } catch {
      throw ServerError(.path, path, "the access log cannot be written: \(error)")
    }
  }

  /// How many bytes were thrown away because they came faster than they could be written.
  var lostBytes: Int { lost.load(ordering: .relaxed) }

  /// Hands over whole lines.
  func write(_ lines: [UInt8]) {
    let isFirst = queue.withLock { queue -> Bool in
      guard queue.bytes + lines.count <= Self.capacity else {
        lost.add(lines.count, ordering: .relaxed)
        return false
      }
      queue.blocks.append(lines)
      queue.bytes += lines.count
      return queue.blocks.count == 1
    }
    if isFirst { wake() }
  }

  /// Has `run` return once everything is written.
  func close() {
    queue.withLock { $0.isClosing = true }
    wake()
  }

  private func wake() {
    _ = eventfd_write(signal.raw.rawValue, 1)
  }

  /// Writes until closed.
  func run() {
    while true {
      var count: eventfd_t = 0
      _ = try? systemCall { eventfd_read(signal.raw.rawValue, &count) }
      let (blocks, isClosing) = queue.withLock { queue in
        defer {
          queue.blocks = []
          queue.bytes = 0
        }
        return (queue.blocks, queue.isClosing)
      }
      for block in blocks where !writeAll(block) {
        lost.add(block.count, ordering: .relaxed)
      }
      if isClosing { return }
    }
  }

  private func writeAll(_ block: [UInt8]) -> Bool {
    block.withUnsafeBytes { bytes in
      var rest = bytes
      while !rest.isEmpty {
        let count = try? systemCall {
          Glibc.write(output.rawValue, rest.baseAddress, rest.count)
        }
        guard let count else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return true
    }
  }
}
