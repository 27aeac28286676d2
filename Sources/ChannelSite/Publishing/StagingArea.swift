internal import ChannelCore
internal import ChannelSystem
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Where uploads to one channel lie until they are packages: hidden, on the channel's file system.
///
/// Whoever writes there holds a lock on the file, which the kernel takes back when the process ends.
struct StagingArea: Sendable {
  let path: FilePath
  private let layout: ChannelLayout

  init(_ layout: ChannelLayout) {
    self.layout = layout
    path = layout.state.appending("uploads")
  }

  /// Begins a file for an upload.
  func stage() throws(Errno) -> StagedFile {
    try path.makeDirectory()
    return try StagedFile(
      at: path.appending("\(getpid())-\(UInt64.random(in: 0 ... .max))"))
  }

  /// Notes that the channel is being changed, until what is returned goes away.
  func beginChange() throws(Errno) -> StagedFile {
    try path.makeDirectory()
    let mark = try StagedFile(at: path.appending("\(Self.mark)\(UInt64.random(in: 0 ... .max))"))
    try AtomicFile.synchronizeDirectory(path)
    return mark
  }

  private static let mark = "change-"

  /// Removes what a process left behind that was cut off.
  ///
  /// - Returns: Whether it was in the midst of changing the channel.
  func removeLeftovers() -> Bool {
    guard var entries = try? DirectoryEntries(of: path) else { return false }
    var wasChanging = false
    while let entry = try? entries.next() {
      let file = path.appending(entry.text)
      guard let descriptor = try? Descriptor(opening: file, options: [.noFollow, .nonBlocking]),
        flock(descriptor.raw.rawValue, LOCK_EX | LOCK_NB) == 0
      else { continue }
      if entry.text.hasPrefix(Self.mark) { wasChanging = true }
      AtomicFile.remove(file)
    }
    return wasChanging
  }

  /// Bytes that may still be written to the disk; nil when nobody knows.
  var freeSpace: Int? {
    var system = statvfs()
    let isKnown = layout.root.withPlatformString { statvfs($0, &system) } == 0
    guard isKnown else { return nil }
    let unit = Int(clamping: system.f_frsize)
    let free = Int(clamping: system.f_bavail).multipliedReportingOverflow(by: unit)
    let whole = Int(clamping: system.f_blocks).multipliedReportingOverflow(by: unit)
    guard !free.overflow, !whole.overflow else { return nil }
    // The index needs some, and so does whoever else writes there.
    return max(0, free.partialValue - min(64 << 20, whole.partialValue / 20))
  }
}

/// A file that is being uploaded; removed with the last reference unless it was moved away.
final class StagedFile: Sendable {
  private struct Progress: ~Copyable {
    let digest = DigestStream(.sha256)
    var size = 0
  }

  let path: FilePath
  private let descriptor: Descriptor
  private let progress = Mutex(Progress())

  fileprivate init(at path: FilePath) throws(Errno) {
    self.path = path
    descriptor = try Descriptor(
      opening: path, .readWrite, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
    _ = flock(descriptor.raw.rawValue, LOCK_EX | LOCK_NB)
  }

  deinit {
    remove()
  }

  /// Removes it now.
  func remove() {
    AtomicFile.remove(path)
  }

  /// Writes more, and answers how much there is by now.
  func append(_ bytes: [UInt8]) throws(Errno) -> Int {
    try descriptor.writeAll(bytes)
    return progress.withLock { progress in
      bytes.withUnsafeBytes { progress.digest.update($0) }
      progress.size += bytes.count
      return progress.size
    }
  }

  /// The digest and the size of all that was written.
  func finish() -> (sha256: Digest, size: Int) {
    progress.withLock { ($0.digest.finish(), $0.size) }
  }
}
