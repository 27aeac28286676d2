internal import ChannelCore
internal import Synchronization

/// What the indexes of the served channels say, read again once they have changed.
final class PublishedIndexes: Sendable {
  private struct Key: Hashable {
    let layout: ChannelLayout
    let subdir: Platform
  }

  private let known = Mutex<[Key: PublishedDigests]>([:])

  /// What the index of `subdir` says now; nil when there is none that can be understood.
  func digests(_ subdir: Platform, of layout: ChannelLayout) -> PublishedDigests? {
    let key = Key(layout: layout, subdir: subdir)
    // Whoever comes while another reads would otherwise read the same.
    return known.withLock { known in
      if let digests = known[key], digests.isCurrent(subdir, of: layout) { return digests }
      let digests = try? PublishedDigests(subdir, of: layout)
      known[key] = digests
      return digests
    }
  }
}
