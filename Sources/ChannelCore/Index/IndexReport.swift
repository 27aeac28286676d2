/// What a run of the indexer found and did.
public struct IndexReport: Sendable, Hashable {
  /// What happened to one subdir.
  public struct Subdir: Sendable, Hashable {
    /// Which subdir.
    public let platform: Platform
    /// How many packages its index lists now.
    public var published = 0
    /// Packages that the index lists for the first time, or again.
    public var added = 0
    /// Packages whose file was replaced under the same name.
    public var updated = 0
    /// Packages that the index listed before and lists no more.
    public var removed = 0
    /// Packages left out of the index, each with the reason.
    public var quarantined: [PackageError] = []
    /// The documents that were written; empty when none would have changed.
    public var written: [ChannelLayout.DocumentName] = []

    init(platform: Platform) {
      self.platform = platform
    }
  }

  /// The subdirs, in alphabetical order.
  public var subdirs: [Subdir] = []
  /// What could not be indexed at all.
  public var failures: [ChannelError] = []
  /// What is odd and does no harm, one line each.
  public var warnings: [String] = []

  /// All packages left out of the index.
  public var quarantined: [PackageError] { subdirs.flatMap(\.quarantined) }
}
