public import SystemPackage

/// Where everything in a channel lies, below the directory that is its root.
public struct ChannelLayout: Sendable, Hashable {
  /// The channel's directory.
  public let root: FilePath

  /// Describes the channel at `root`, which need not exist yet.
  public init(root: FilePath) {
    self.root = root
  }

  /// The directory that holds the packages and documents of one platform.
  public func directory(of subdir: Platform) -> FilePath {
    root.appending(subdir.name)
  }

  /// One package of a subdir.
  public func package(_ archive: ArchiveName, in subdir: Platform) -> FilePath {
    directory(of: subdir).appending(archive.fileName)
  }

  /// A document of a subdir.
  public func document(_ name: DocumentName, in subdir: Platform) -> FilePath {
    directory(of: subdir).appending(name.rawValue)
  }

  /// A document at the channel's root.
  public func document(_ name: RootDocumentName) -> FilePath {
    root.appending(name.rawValue)
  }

  /// The directory of the packages' icons.
  public var icons: FilePath { root.appending("icons") }

  /// What the indexer keeps for itself, hidden so that no server shows it.
  package var state: FilePath { root.appending(".channel") }

  /// The file that whoever writes to the channel locks.
  package var lock: FilePath { state.appending("lock") }

  package static let ledgerSuffix = ".ledger"

  /// Which packages were yanked, and why.
  package var yanks: FilePath { state.appending("yanked.json") }

  /// What is known of the packages of a subdir.
  package func ledger(of subdir: Platform) -> FilePath {
    state.appending(subdir.name + Self.ledgerSuffix)
  }

  /// What the last run published of a subdir.
  package func generation(of subdir: Platform) -> FilePath {
    state.appending("\(subdir.name).generation")
  }

  /// What the last run published at the channel's root.
  package var generation: FilePath { state.appending("channel.generation") }

  /// Which packages of a subdir are attested.
  package func attestations(of subdir: Platform) -> FilePath {
    state.appending("\(subdir.name).attestations")
  }

  /// When packages of a subdir first appeared that its documents do not list.
  package func unlisted(of subdir: Platform) -> FilePath {
    state.appending("\(subdir.name).unlisted")
  }

  /// Where documents of other tools are kept that gave way to this tool's.
  package var replaced: FilePath { state.appending("replaced") }

  /// Which shards a subdir has.
  package func shardCatalog(of subdir: Platform) -> FilePath {
    state.appending("\(subdir.name).shards")
  }

  /// The directory of a subdir's shards.
  public func shards(of subdir: Platform) -> FilePath {
    directory(of: subdir).appending("shards")
  }

  /// The documents of the channel as a whole.
  public enum RootDocumentName: String, Sendable, Hashable, CaseIterable {
    /// What each package is, by name (CEP 38).
    case channelData = "channeldata.json"
    /// The same, compressed with Zstandard.
    case channelDataZstandard = "channeldata.json.zst"
    /// Which packages were yanked, and why.
    case yanked = "yanked.json"
    /// The packages that appeared last, for feed readers.
    case feed = "rss.xml"
    /// Messages that clients show (CEP 6).
    case notices = "notices.json"
    /// The page on which people find packages.
    case homePage = "index.html"
  }

  /// The documents of a subdir that stand under a fixed name.
  public enum DocumentName: String, Sendable, Hashable, CaseIterable {
    /// The index of all packages (CEP 36).
    case repodata = "repodata.json"
    /// The same, compressed with Zstandard.
    case repodataZstandard = "repodata.json.zst"
    /// The same, compressed with bzip2.
    case repodataBzip2 = "repodata.json.bz2"
    /// The index as it would be without patches; there only when patches change it.
    case repodataFromPackages = "repodata_from_packages.json"
    /// The same, compressed with Zstandard.
    case repodataFromPackagesZstandard = "repodata_from_packages.json.zst"
    /// The newest packages and what they depend on, for conda's classic solver.
    case currentRepodata = "current_repodata.json"
    /// The same, compressed with Zstandard.
    case currentRepodataZstandard = "current_repodata.json.zst"
    /// The index of the subdir's shards (CEP 16).
    case shardIndex = "repodata_shards.msgpack.zst"
    /// The run exports of all packages (CEP 12).
    case runExports = "run_exports.json"
    /// The same, compressed with Zstandard.
    case runExportsZstandard = "run_exports.json.zst"
  }
}
