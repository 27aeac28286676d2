internal import ChannelSystem
internal import Synchronization
internal import SystemPackage

/// Keeps what the indexes of subdirs say, so that an index is read again only once it has changed.
///
/// Large indexes take a tenth of a second to read. Any number of threads may ask; those that ask for
/// the same subdir wait for the one that reads it.
public final class PublishedSubdirCache: Sendable {
  private struct Key: Hashable {
    let layout: ChannelLayout
    let subdir: Platform
  }

  /// What a subdir's description is made from.
  private struct Sources: Equatable {
    let repodata, ledger, yanks: FileVersion?

    init(_ key: Key) {
      repodata = Self.version(of: key.layout.document(.repodata, in: key.subdir))
      ledger = Self.version(of: key.layout.ledger(of: key.subdir))
      yanks = Self.version(of: key.layout.yanks)
    }

    private static func version(of path: FilePath) -> FileVersion? {
      (try? FileStatus(of: path)).map(FileVersion.init)
    }
  }

  private final class Entry: Sendable {
    let known = Mutex<(sources: Sources, subdir: PublishedSubdir)?>(nil)
    /// Packages that it holds, for the sum of all.
    let weight = Atomic<Int>(0)
  }

  private struct Entries {
    var byKey: [Key: Entry] = [:]
    /// The one asked for last comes last.
    var order: [Key] = []
  }

  private let entries = Mutex(Entries())
  private let capacity: Int

  /// Creates an empty cache.
  ///
  /// - Parameter capacity: How many packages may be kept, in all subdirs together; each takes about
  ///   400 bytes.
  public init(capacity: Int = 100_000) {
    self.capacity = capacity
  }

  /// What the index of `subdir` says now.
  ///
  /// - Throws: ``ChannelError`` when there is no index or it cannot be understood.
  public func subdir(
    _ subdir: Platform, of layout: ChannelLayout
  ) throws(ChannelError) -> PublishedSubdir {
    let key = Key(layout: layout, subdir: subdir)
    let entry = entries.withLock { entries in
      entries.order.removeAll { $0 == key }
      entries.order.append(key)
      let entry = entries.byKey[key] ?? Entry()
      entries.byKey[key] = entry
      return entry
    }
    let found = try entry.known.withLock { (known) throws(ChannelError) -> PublishedSubdir in
      // Noted first and read then: a change in between is seen the next time.
      let sources = Sources(key)
      if let known, known.sources == sources { return known.subdir }
      known = nil
      let read = try PublishedSubdir(subdir, of: layout)
      if read.packages.count <= capacity { known = (sources, read) }
      entry.weight.store(known == nil ? 0 : read.packages.count, ordering: .relaxed)
      return read
    }
    shrink()
    return found
  }

  /// Lets go of what was asked for longest ago until the rest is little enough.
  private func shrink() {
    entries.withLock { entries in
      var weight = entries.byKey.values.reduce(0) { $0 + $1.weight.load(ordering: .relaxed) }
      while weight > capacity || entries.order.count > 256, entries.order.count > 1 {
        let entry = entries.byKey.removeValue(forKey: entries.order.removeFirst())
        weight -= entry?.weight.load(ordering: .relaxed) ?? 0
      }
    }
  }
}
