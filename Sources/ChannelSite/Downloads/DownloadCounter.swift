internal import CLinux
package import ChannelHTTP
internal import ChannelSystem
internal import Glibc
package import Logging
internal import Synchronization
package import SystemPackage

/// Counts downloads of packages in memory, and keeps the counts over restarts in one small file.
///
/// The file is replaced as a whole, now and then and in the end: whatever cuts the process off costs
/// the counts since it was written last, and no others.
package final class DownloadCounter: Sendable {
  /// Where a package is: the path of its channel in URLs, and `subdir/file` within.
  package struct Place: Sendable, Hashable {
    package let channel, package: String

    package init(channel: String, package: String) {
      self.channel = channel
      self.package = package
    }
  }

  private struct State {
    var counts: DownloadCounts
    var isWritten = true
  }

  private struct Shown {
    let json: [UInt8]
    /// Milliseconds of the clock that does not go back.
    let time: Int64
  }

  private let file: FilePath
  private let logger: Logger
  private let state: Mutex<State>
  /// What was shown last.
  private let shown = Mutex<Shown?>(nil)
  /// Held while the file is written; whether it was told that this fails.
  private let writing = Mutex(false)
  private let thread = Mutex<WorkerThread?>(nil)
  /// Becomes readable when the thread is to end.
  private let stopping: Descriptor

  /// Begins to count; nothing is read and nothing written before `start()`.
  ///
  /// - Throws: `SiteError` when the system has no descriptor to give.
  package init(_ file: FilePath, logger: Logger) throws(SiteError) {
    self.file = file
    self.logger = logger
    do throws(Errno) {
      stopping = Descriptor(owning: try systemCall { eventfd(0, CInt(EFD_CLOEXEC)) })
    } catch {
      throw Self.failure(file, error)
    }
    state = Mutex(State(counts: DownloadCounts(since: Clock.now)))
  }

  /// Finds out whether counts could be kept in a file, without writing anything.
  ///
  /// - Throws: `SiteError` when what is there cannot be understood, or no file can be there.
  package static func check(_ file: FilePath) throws(SiteError) {
    _ = try read(file)
    let parent = file.removingLastComponent()
    do throws(Errno) {
      guard try FileStatus(of: parent.isEmpty ? "." : parent).kind == .directory else {
        throw .notDirectory
      }
    } catch {
      throw failure(file, error)
    }
  }

  /// Goes on from what the file says, and has it written from now on, every so many milliseconds in
  /// which something was counted.
  ///
  /// - Throws: `SiteError` when the file cannot be understood or written.
  package func start(writingEvery interval: Int = 60_000) throws(SiteError) {
    if let earlier = try Self.read(file) { state.withLock { $0.counts.add(earlier) } }
    do throws(Errno) {
      // Who cannot write now cannot later: better to learn of it before a day's counts are lost.
      try write(state.withLock(\.counts))
      try thread.withLock { (thread) throws(Errno) in
        thread = try WorkerThread(named: "downloads") { [self] in
          while !isStopping(within: interval) { save() }
        }
      }
    } catch {
      throw Self.failure(file, error)
    }
  }

  /// Writes the file a last time.
  package func stop() {
    guard let thread = thread.withLock({ $0.take() }) else { return }
    eventfd_write(stopping.raw.rawValue, 1)
    thread.join()
    save()
  }

  /// Counts files by their paths in URLs, as far as they are packages.
  package func count(_ downloads: [[UInt8]: Int], at place: ([UInt8]) -> Place?) {
    let found = downloads.compactMap { path, count in place(path).map { (place: $0, count: count) }
    }
    guard !found.isEmpty else { return }
    state.withLock { state in
      for download in found {
        state.counts.add(download.count, of: download.place.package, in: download.place.channel)
      }
      state.isWritten = false
    }
  }

  /// All counts as JSON, as they were at some time in the last second.
  package var response: HTTPResponse {
    // For many packages it takes a while to write, and anybody may ask as often as they like.
    let json = shown.withLock { shown in
      let now = Clock.monotonic
      if let last = shown, now - last.time < 1000 { return last.json }
      let json = state.withLock(\.counts).json
      shown = Shown(json: json, time: now)
      return json
    }
    return HTTPResponse(json: json)
  }

  /// Writes the sums of subdirs; those of packages would be more than such metrics are made for.
  package func write(to text: inout MetricsText) {
    text.begin("channel_downloads_total", .counter, "Downloads of packages.")
    for sum in state.withLock(\.counts).sums {
      text.add(sum.count, labels: ["channel": sum.channel, "subdir": sum.subdir])
    }
  }

  // MARK: The file

  /// Writes the file if anything was counted since; what keeps it from being written is told once.
  package func save() {
    writing.withLock { isFailing in
      let counts: DownloadCounts? = state.withLock { state in
        defer { state.isWritten = true }
        return state.isWritten ? nil : state.counts
      }
      guard let counts else { return }
      do throws(Errno) {
        try write(counts)
        isFailing = false
      } catch {
        state.withLock { $0.isWritten = false }
        if !isFailing { logger.error("\(Self.failure(file, error)); it is tried again") }
        isFailing = true
      }
    }
  }

  private func write(_ counts: DownloadCounts) throws(Errno) {
    try AtomicFile(replacing: file, with: counts.json).rename()
    try AtomicFile.synchronizeDirectory(file.removingLastComponent())
  }

  private static func read(_ file: FilePath) throws(SiteError) -> DownloadCounts? {
    let json: [UInt8]?
    do throws(Errno) {
      json = try Descriptor.contents(of: file)
    } catch {
      throw failure(file, error)
    }
    guard let json else { return nil }
    do throws(DownloadCounts.Malformed) {
      return try DownloadCounts(json: json)
    } catch {
      throw SiteError(
        file, "holds no download counts: \(error.reason); move it away to begin anew")
    }
  }

  private static func failure(_ file: FilePath, _ error: Errno) -> SiteError {
    SiteError(file, "download counts cannot be kept there: \(error)")
  }

  /// Whether the end comes within so many milliseconds.
  private func isStopping(within milliseconds: Int) -> Bool {
    let ready = try? ChangeNotifier.wait(
      for: stopping.raw, or: stopping.raw, milliseconds: milliseconds)
    return ready?.first != false
  }
}
