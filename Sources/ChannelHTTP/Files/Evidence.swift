internal import ChannelSystem
internal import SystemPackage

/// What was true when a resource was made, by which one can tell whether it still is.
final class Evidence {
  /// What a name led to; a nil status when it led to nothing.
  struct Fact {
    let path: [CChar]
    let status: FileStatus?
  }

  /// Where the facts' paths begin; it is open for as long as the cache holds the evidence.
  private let root: FileDescriptor
  private let facts: [Fact]
  /// Whether the facts are all that matters.
  ///
  /// What a listing shows of the files in a directory is in no status of the directory's own.
  private let isComplete: Bool
  /// The second after which it is not believed any more, whatever the facts.
  private let expiry: HTTPDate?

  private let watch: DirectoryWatches.Watch?
  private let epoch: UInt64
  private var changes: UInt64
  private var verified: HTTPDate

  /// - Parameters:
  ///   - account: What was seen.
  ///   - root: Where it was seen.
  ///   - moment: When the look began.
  init(_ account: FileLoader.Account, beneath root: FileDescriptor, at moment: Moment) {
    self.root = root
    facts = account.facts
    isComplete = !account.isListing
    // A link's target may change where nobody watches.
    watch = account.hasMetLinks ? nil : moment.watch
    let expires = account.isListing && (watch == nil || account.tellsOfOthers)
    expiry = expires ? HTTPDate(seconds: moment.now.seconds + 1) : nil
    epoch = moment.epoch
    changes = moment.changes
    verified = moment.now
  }

  /// The state of the watches before a look at the files.
  struct Moment {
    /// Tells of changes to the directory that is looked into.
    var watch: DirectoryWatches.Watch?
    /// That of all watches.
    var epoch: UInt64
    /// Those of `watch`.
    var changes: UInt64
    var now: HTTPDate

    /// Whether a listing begun then shows what one begun now would, as far as anybody can tell.
    func isAsGood(as other: Moment) -> Bool {
      guard let watch, other.watch === watch else { return now == other.now }
      return epoch == other.epoch && changes == other.changes
        && other.now.seconds <= now.seconds + 1
    }
  }

  /// Whether all of it still holds.
  ///
  /// As long as the watched directories are quiet nothing need be asked. Once a second it is asked
  /// all the same, since a file can be written through another of its names.
  func holds(epoch: UInt64, now: HTTPDate) -> Bool {
    let isQuiet = watch.map { self.epoch == epoch && changes == $0.changes } ?? false
    if isQuiet, verified == now { return true }
    if let expiry, now > expiry { return false }
    // Another directory may have taken the place of the one that is watched.
    guard watch == nil || self.epoch == epoch else { return false }
    guard isQuiet || isComplete || watch == nil else { return false }
    // Changes that arrive while the facts are checked are for the next time.
    let changesBefore = watch?.changes ?? 0
    guard isTrue else { return false }
    changes = changesBefore
    verified = now
    return true
  }

  /// Whether the facts are what a look at the files tells.
  var isTrue: Bool {
    facts.allSatisfy { (try? FileStatus(of: $0.path, in: root)) == $0.status }
  }
}
