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

  /// What is worth waking the thread for.
  private static let enough = 65_536

  private let queue = Mutex(Queue())
  private let lost = Atomic<Int>(0)
  private let signal: Descriptor
  /// Nil where lines go to a file or to standard output.
  private let sink: AccessLogSink?
  /// Nil for standard output.
  private let path: FilePath?
  private let file: Mutex<Descriptor?>

  init(_ destination: AccessLogDestination) throws(ServerError) {
    do throws(Errno) {
      signal = Descriptor(owning: try systemCall { eventfd(0, CInt(EFD_CLOEXEC)) })
    } catch {
      throw ServerError(.system, "eventfd", "\(error)")
    }
    if case .sink(let given) = destination { sink = given } else { sink = nil }
    guard case .file(let name) = destination else {
      path = nil
      file = Mutex(nil)
      return
    }
    do throws(Errno) {
      path = FilePath(name)
      file = Mutex(try Self.open(FilePath(name)))
    } catch {
      throw ServerError(.path, name, "the access log cannot be written: \(error)")
    }
  }

  private static func open(_ path: FilePath) throws(Errno) -> Descriptor {
    try Descriptor(
      opening: path, .writeOnly, options: [.create, .append],
      permissions: [.ownerReadWrite, .groupRead])
  }

  /// How many bytes were thrown away because they came faster than they could be written.
  var lostBytes: Int { lost.load(ordering: .relaxed) }

  /// Hands over whole lines.
  ///
  /// To wake a thread costs more than to copy thousands of lines, so it is left asleep until there
  /// is enough to do, or until somebody wakes it.
  ///
  /// - Returns: Whether the writer is awake, and will write them.
  func write(_ lines: [UInt8]) -> Bool {
    let (before, after) = queue.withLock { queue -> (Int, Int) in
      let before = queue.bytes
      guard before + lines.count <= Self.capacity else {
        lost.add(lines.count, ordering: .relaxed)
        return (before, before)
      }
      queue.blocks.append(lines)
      queue.bytes += lines.count
      return (before, queue.bytes)
    }
    if before < Self.enough, after >= Self.enough { wake() }
    return after >= Self.enough
  }

  /// Has `run` return once everything is written.
  func close() {
    queue.withLock { $0.isClosing = true }
    wake()
  }

  func wake() {
    _ = eventfd_write(signal.raw.rawValue, 1)
  }

  /// Writes until closed.
  func run() {
    BrokenPipes.ignore()
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
      followRotation()
      for block in blocks where !writeAll(block) {
        lost.add(block.count, ordering: .relaxed)
      }
      if isClosing { return }
    }
  }

  /// Goes on in a new file once the old one is moved away or removed, so that whoever rotates logs
  /// need tell nobody.
  private func followRotation() {
    guard let path else { return }
    file.withLock { file in
      let current = (try? FileStatus(of: path))?.inode
      guard current == nil || current != Self.inode(of: file), let opened = try? Self.open(path)
      else { return }
      file = consume opened
    }
  }

  /// Goes on in a new file under the same name, for lines that are handed over from here on.
  func reopen() throws(ServerError) {
    guard let path else { return }
    try file.withLock { (file) throws(ServerError) in
      do throws(Errno) {
        file = try Self.open(path)
      } catch {
        throw ServerError(.path, "\(path)", "the access log cannot be written: \(error)")
      }
    }
  }

  private static func inode(of file: borrowing Descriptor?) -> UInt64? {
    switch file {
    case .some(let file): (try? FileStatus(of: file.raw))?.inode
    case .none: nil
    }
  }

  private func writeAll(_ block: [UInt8]) -> Bool {
    if let sink {
      sink.write(block)
      return true
    }
    return file.withLock { file in
      let output: FileDescriptor
      switch file {
      case .some(let file): output = file.raw
      case .none: output = .standardOutput
      }
      return block.withUnsafeBytes { bytes in
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
}

extension AccessLogDestination {
  /// What writes there; nil for nowhere.
  func makeWriter() throws(ServerError) -> LogWriter? {
    if case .off = self { nil } else { try LogWriter(self) }
  }
}
