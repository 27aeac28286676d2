internal import CLinux
internal import Glibc
package import SystemPackage

/// Tells what happens in directories, without anyone having to look.
///
/// The corresponding C functions are those of `inotify`.
package struct ChangeNotifier: ~Copyable, Sendable {
  private let descriptor: Descriptor

  /// Something that happened in a watched directory, or to it.
  package struct Event: Sendable {
    /// The number that ``watch(_:)`` answered.
    package var watch: CInt
    package var changes: Changes
    /// The bytes of the name concerned; empty when it is the directory's own.
    package var name: [UInt8]
  }

  package struct Changes: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    private init(_ value: some BinaryInteger) {
      rawValue = UInt32(truncatingIfNeeded: value)
    }

    package static let created = Changes(IN_CREATE)
    package static let written = Changes(IN_MODIFY)
    /// Whoever had it open for writing has closed it.
    package static let closed = Changes(IN_CLOSE_WRITE)
    package static let attributes = Changes(IN_ATTRIB)
    package static let movedIn = Changes(IN_MOVED_TO)
    package static let movedOut = Changes(IN_MOVED_FROM)
    package static let deleted = Changes(IN_DELETE)
    /// The directory itself was deleted or moved, or is watched no more.
    package static let lost: Changes = [
      Changes(IN_DELETE_SELF), Changes(IN_MOVE_SELF), Changes(IN_IGNORED), Changes(IN_UNMOUNT),
    ]
    /// More has happened than could be told.
    package static let overflow = Changes(IN_Q_OVERFLOW)
    /// The name is a directory's.
    package static let directory = Changes(IN_ISDIR)

    fileprivate static let all: Changes = [
      created, written, closed, attributes, movedIn, movedOut, deleted,
      Changes(IN_DELETE_SELF), Changes(IN_MOVE_SELF), Changes(IN_ONLYDIR),
    ]
  }

  package init() throws(Errno) {
    let flags = CInt(IN_NONBLOCK | IN_CLOEXEC)
    descriptor = Descriptor(owning: try systemCall { inotify_init1(flags) })
  }

  /// Readable once something has happened.
  package var source: FileDescriptor { descriptor.raw }

  /// Watches a directory and answers its number, the same one if it was watched already.
  package func watch(_ directory: FilePath) throws(Errno) -> CInt {
    let raw = descriptor.raw.rawValue
    return try directory.withCPath { (path) throws(Errno) in
      try systemCall { inotify_add_watch(raw, path, Changes.all.rawValue) }
    }
  }

  /// Passes on everything that has happened since the last call.
  package func drain(_ body: (Event) -> Void) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(descriptor.raw.rawValue, buffer.baseAddress, buffer.count)
      guard count > 0 else { return }
      var offset = 0
      while offset + MemoryLayout<inotify_event>.size <= count {
        let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
        offset += MemoryLayout<inotify_event>.size
        // The name is padded with zeros.
        let name = buffer[offset..<offset + Int(event.len)].prefix { $0 != 0 }
        offset += Int(event.len)
        body(Event(watch: event.wd, changes: Changes(rawValue: event.mask), name: Array(name)))
      }
    }
  }

  /// Whether every change to a directory is told: other machines' changes to a network's are not.
  package static func tellsAll(of directory: FilePath) -> Bool {
    guard let descriptor = try? Descriptor(opening: directory, options: .directory) else {
      return false
    }
    return clinux_reports_changes(descriptor.raw.rawValue) == 1
  }

  /// Waits until one of two descriptors is readable or the time is up, and says which are.
  ///
  /// The corresponding C function is `poll`.
  package static func wait(
    for first: FileDescriptor, or second: FileDescriptor, milliseconds: Int?
  ) throws(Errno) -> (first: Bool, second: Bool) {
    var polled = [first, second].map {
      pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0)
    }
    let timeout = milliseconds.map { CInt(clamping: max(0, $0)) } ?? -1
    _ = try systemCall { poll(&polled, 2, timeout) }
    return (polled[0].revents != 0, polled[1].revents != 0)
  }
}
