internal import CLinux
internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// Tells that something in a directory may have changed, without asking each time.
///
/// Built on inotify, and only where inotify tells of every change. A directory is watched together
/// with all those that lead to it, so that no other can take its place unseen.
struct DirectoryWatches: ~Copyable {
  /// One watched directory.
  final class Watch {
    /// Grows whenever something in the directory changes.
    fileprivate(set) var changes: UInt64 = 0
  }

  /// A directory, by the number of its folder and its path below that.
  private struct Name: Hashable {
    let folder: Int
    let path: [UInt8]
  }

  /// Grows when any watched directory may have become another: nothing known of any holds then.
  private(set) var epoch: UInt64 = 0
  private let notifier: Descriptor?
  /// By inotify's number, which a directory keeps under all its names.
  private var watches: [CInt: Watch] = [:]
  private var names: [Name: Watch] = [:]
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

  private static let limit = 4096
  private static let events =
    UInt32(IN_CLOSE_WRITE) | UInt32(IN_MODIFY) | UInt32(IN_ATTRIB) | UInt32(IN_CREATE)
    | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE_SELF)
    | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

  init() {
    let flags = CInt(IN_NONBLOCK | IN_CLOEXEC)
    let raw = try? systemCall { inotify_init1(flags) }
    notifier = raw.map { Descriptor(owning: $0) }
  }

  deinit {
    buffer.deallocate()
  }

  /// Readable when `drain` has something to do; nil where nothing can be watched.
  var source: FileDescriptor? {
    switch notifier {
    case .some(let notifier): notifier.raw
    case .none: nil
    }
  }

  /// Watches the directory `path` of a folder, or the deepest one on the way to it that there is.
  ///
  /// Whoever wants to know whether something has changed looks at it after this call.
  mutating func watch(_ path: [UInt8], of folder: MountedFolder) -> Watch? {
    let name = Name(folder: folder.number, path: path)
    if let known = names[name] { return known }
    guard let source else { return nil }
    if names.count >= Self.limit { forgetAll() }
    guard path.isEmpty || watch(Self.parent(of: path), of: folder) != nil else { return nil }
    let number: CInt
    do throws(Errno) {
      guard let added = try add(path, beneath: folder.root, to: source) else { return nil }
      number = added
    } catch {
      return error == .noSuchFileOrDirectory || error == .notDirectory
        ? watch(Self.parent(of: path), of: folder) : nil
    }
    let watch = watches[number] ?? Watch()
    watches[number] = watch
    names[name] = watch
    return watch
  }

  /// The number of the watch for the directory `name`; nil when its changes would not all be told.
  private func add(
    _ name: [UInt8], beneath root: FileDescriptor, to source: FileDescriptor
  ) throws(Errno) -> CInt? {
    let flags = clinux_o_path | O_DIRECTORY | O_CLOEXEC
    let path = PathResolver.cPath(name)
    let directory = Descriptor(
      owning: try systemCall {
        clinux_open_beneath_without_links(root.rawValue, path, flags)
      })
    let raw = directory.raw.rawValue
    guard clinux_reports_changes(raw) == 1 else { return nil }
    // By descriptor: the name may lead elsewhere by now.
    return try? systemCall {
      inotify_add_watch(source.rawValue, "/proc/self/fd/\(raw)", Self.events)
    }
  }

  /// Takes note of everything that has happened.
  mutating func drain() {
    guard let source else { return }
    while true {
      let count = read(source.rawValue, buffer.baseAddress, buffer.count)
      guard count > 0 else { return }
      var offset = 0
      while offset + MemoryLayout<inotify_event>.size <= count {
        let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
        note(event)
        offset += MemoryLayout<inotify_event>.size + Int(event.len)
      }
    }
  }

  private mutating func note(_ event: inotify_event) {
    watches[event.wd]?.changes += 1
    let structural =
      UInt32(IN_ISDIR) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_UNMOUNT)
      | UInt32(IN_Q_OVERFLOW) | UInt32(IN_IGNORED)
    guard event.mask & structural != 0 else { return }
    epoch += 1
    names.removeAll(keepingCapacity: true)
    if event.mask & UInt32(IN_IGNORED) != 0 { watches[event.wd] = nil }
  }

  /// Starts afresh.
  mutating func forgetAll() {
    epoch += 1
    names.removeAll()
    guard let source else { return }
    for number in watches.keys { inotify_rm_watch(source.rawValue, number) }
    watches.removeAll()
  }

  /// What leads to `name`; the root leads to itself.
  static func parent(of name: [UInt8]) -> [UInt8] {
    name.lastIndex(of: ASCII.slash).map { Array(name[..<$0]) } ?? []
  }
}
