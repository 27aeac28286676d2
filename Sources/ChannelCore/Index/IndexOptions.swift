internal import ChannelSystem
public import SystemPackage

/// How a run of the indexer goes about its work.
public struct IndexOptions: Sendable {
  /// Which packages are read.
  public enum Rereads: Sendable, Hashable {
    /// Those that are new, and those whose size, time or inode changed.
    case changed
    /// All, and no document that was published before is taken for whole.
    case all
  }

  /// How many threads read packages and compress documents.
  public var threads = IndexOptions.availableProcessors
  /// The subdirs to index; nil for all there are.
  public var subdirs: [Platform]?
  /// Which packages are read.
  public var rereads = Rereads.changed
  /// Which packages are fit to be published.
  public var policy = CheckPolicy()
  /// Where the instructions lie by which records are corrected (CEP 21): a JSON file, a directory of
  /// `<subdir>/patch_instructions.json` or a package that holds such files; nil for none.
  public var patches: FilePath?
  /// Which packages give way to newer ones.
  public var retention = RetentionRules()
  /// Whether the files of packages that give way are deleted once no index lists them.
  public var deletesExpired = false
  /// Whether a subdir that held packages may be published without any although its documents are gone
  /// as well, as they are where a file system is not mounted.
  public var allowsEmpty = false
  /// The files that these options were made from; a watch looks out for changes of them.
  public var sources: [FilePath] = []
  /// Which documents are published.
  public var documents = DocumentOptions()
  /// What one package may make the reader do.
  public var readLimits = ReadLimits()
  /// How long to wait for another indexer to finish, in seconds.
  public var lockTimeout = 60.0

  /// The options of a run that nobody configured.
  public init() {}

  /// How many processors this process may run on.
  public static var availableProcessors: Int { Processors.available }

  /// What decides whether a package is fit, in one line: under other rules all are read again.
  var rules: String {
    // The number counts the changes of this tool to what is taken from a package.
    "2 \(policy.fingerprint) member=\(readLimits.member) paths=\(readLimits.paths)"
      + " info=\(readLimits.info) archive=\(readLimits.archive)"
  }
}
