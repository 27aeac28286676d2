public import SystemPackage

/// Why a package cannot be published.
public struct PackageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of fault it is.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The code's name, as reports spell it; for a check that refused the package, the check's.
    public let description: String

    /// The file cannot be opened or read.
    public static let unreadable = Code(description: "unreadable")
    /// The file was deleted since the directory was listed.
    public static let vanished = Code(description: "vanished")
    /// The file is not an archive of its format, or a broken one.
    public static let damaged = Code(description: "damaged")
    /// The file's name is one at which clients stop reading the whole index.
    public static let unreadableName = Code(description: "unreadable-name")
    /// The archive lacks `info/index.json`.
    public static let missingMetadata = Code(description: "missing-metadata")
    /// The metadata is not what clients can read.
    public static let invalidMetadata = Code(description: "invalid-metadata")
    /// The archive is larger than the reader accepts.
    public static let limitExceeded = Code(description: "limit-exceeded")
    /// The file was written to while it was read.
    public static let changedWhileRead = Code(description: "changed-while-read")
    /// Other bytes lie in the channel under the file's name.
    public static let nameTaken = Code(description: "name-taken")
    /// The file could not be put into the channel.
    public static let unwritable = Code(description: "unwritable")
  }

  /// What kind of fault it is.
  public let code: Code
  /// The package's file.
  public let path: FilePath
  /// What is wrong, in words.
  public let reason: String

  package init(_ code: Code, _ path: FilePath, _ reason: String) {
    self.code = code
    self.path = path
    self.reason = reason
  }

  /// One line: the file and the reason.
  public var description: String { "\(path): \(reason)" }
}
