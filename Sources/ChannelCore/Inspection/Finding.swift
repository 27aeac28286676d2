/// Something in a channel that is not as it should be.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
  /// What kind of fault it is.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// What the indexer knows of the packages is missing or damaged.
    case ledger
    /// A package lies there and is not indexed as it is.
    case unindexed
    /// A package lies there and cannot be published.
    case quarantined
    /// A package is listed and does not lie there.
    case missing
    /// A package's size or bytes are not what the index says.
    case mismatch
    /// A document is missing, damaged, or at odds with another.
    case document
    /// A shard is missing, damaged, or at odds with `repodata.json`.
    case shard
    /// A file that nobody asks for, left behind or put there by mistake.
    case stray
    /// A file or directory that a server may not read.
    case permissions
    /// Both formats of a package say different things of it.
    case twins
    /// Two names that some file systems cannot tell apart.
    case names
    /// A yanked package that is listed, or no longer there.
    case yank
  }

  /// What kind of fault it is.
  public let kind: Kind
  /// The file or directory below the channel's root.
  public let path: String
  /// What is wrong.
  public let problem: String
  /// What to do about it.
  public let remedy: String

  /// One line: the file, what is wrong, what to do.
  public var description: String { "\(path): \(problem); \(remedy)" }

  /// The finding as canonical JSON.
  var document: JSONObject {
    [
      "kind": .string(kind.rawValue), "path": .string(path), "problem": .string(problem),
      "remedy": .string(remedy),
    ]
  }
}

/// What a look at a channel found.
public struct InspectionReport: Sendable, Hashable {
  /// What is not as it should be, subdir by subdir.
  public internal(set) var findings: [Finding] = []
  /// What could not be looked at.
  public internal(set) var failures: [ChannelError] = []
  /// What is yanked, which is no fault.
  public internal(set) var yanks = YankList()
  /// How many packages the index lists.
  public internal(set) var packages = 0

  /// The report as canonical JSON, for machines.
  public var json: [UInt8] {
    var yanked = JSONObject()
    for (package, yank) in yanks.packages { yanked[package.description] = .string(yank.reason) }
    return JSONWriter.bytes(
      of: .object([
        "failures": .array(
          failures.map { .object(["path": .string("\($0.path)"), "reason": .string($0.reason)]) }),
        "findings": .array(findings.map { .object($0.document) }),
        "packages": .number(String(packages)),
        "yanked": .object(yanked),
      ]))
  }
}
