/// What a run of the indexer found and did.
public struct IndexReport: Sendable, Hashable {
  /// What happened to one subdir.
  public struct Subdir: Sendable, Hashable {
    /// Which subdir.
    public let platform: Platform
    /// How many packages its index lists now.
    public var published = 0
    /// Packages that the index lists for the first time, or again.
    public var added: [ArchiveName] = []
    /// Packages whose record changed, because their file was replaced under the same name or because
    /// other patches apply to it.
    public var updated: [Update] = []
    /// Packages that the index listed before and lists no more.
    public var removed: [ArchiveName] = []
    /// Packages left out of the index, each with the reason.
    public var quarantined: [PackageError] = []
    /// Packages that are fit and left out of the index on the operator's word, whenever that was.
    public var withheld: [Withheld] = []
    /// Packages that are fit and that patches leave out of the index.
    var removedByPatches: Set<ArchiveName> = []
    /// What is odd about packages that were read, one line each.
    public var warnings: [String] = []
    /// The documents that were written; empty when none would have changed.
    public var written: [ChannelLayout.DocumentName] = []

    /// The documents that were removed, because they are wanted no more.
    public var withdrawn: [ChannelLayout.DocumentName] = []

    init(platform: Platform) {
      self.platform = platform
    }

    /// Why the index does not list a package that lies there and is fit to be; nil when it does.
    func reasonAgainst(_ archive: ArchiveName) -> String? {
      if let withheld = withheld.first(where: { $0.archive == archive }) { return withheld.reason }
      return removedByPatches.contains(archive) ? "removed by patches" : nil
    }
  }

  /// What happened to the documents of the channel as a whole, each named by its path below the root.
  public struct Channel: Sendable, Hashable {
    /// The documents that were written; empty when none would have changed.
    public var written: [String] = []
    /// The documents that were removed, because they are wanted no more.
    public var withdrawn: [String] = []
    /// What is odd about the documents and does no harm, one line each.
    public var warnings: [String] = []

    init() {}
  }

  /// A package that is fit to be published and that no index lists.
  public struct Withheld: Sendable, Hashable {
    /// The package.
    public let archive: ArchiveName
    /// Who said so: the operator's words, or the rule that did not keep it.
    public let reason: String
    /// Whether it was yanked; otherwise newer packages have taken its place.
    public let isYanked: Bool
  }

  /// A record that changed.
  public struct Update: Sendable, Hashable {
    /// The package.
    public let archive: ArchiveName
    /// The record's canonical JSON before the run.
    public let before: [UInt8]
    /// The record's canonical JSON after the run.
    public let after: [UInt8]

    /// The fields that differ, with both values; nil stands for a field that is not there.
    public var fields: [(name: String, before: JSONValue?, after: JSONValue?)] {
      let before = (try? JSONReader.value(in: before).object) ?? JSONObject()
      let after = (try? JSONReader.value(in: after).object) ?? JSONObject()
      let names = Set(before.members.map(\.name) + after.members.map(\.name))
      return names.sorted { $0.precedes($1) }.compactMap { name in
        let (old, new) = (before[name], after[name])
        return old == new ? nil : (name, old, new)
      }
    }
  }

  /// The subdirs, in alphabetical order.
  public var subdirs: [Subdir] = []
  /// The documents of the channel as a whole.
  public var channel = Channel()
  /// What could not be indexed at all.
  public var failures: [ChannelError] = []
  /// What is odd about the channel and does no harm, one line each.
  public var warnings: [String] = []

  /// A report of nothing yet.
  public init() {}

  /// All packages left out of the index.
  public var quarantined: [PackageError] { subdirs.flatMap(\.quarantined) }

  /// The value of a result, or nil when it is a failure, which is noted.
  mutating func take<Value>(_ result: Result<Value, ChannelError>) -> Value? {
    switch result {
    case .success(let value): return value
    case .failure(let error):
      failures.append(error)
      return nil
    }
  }
}
