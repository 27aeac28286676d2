/// The file name of a package: `name-version-build`, then the extension of its format (CEP 26).
public struct ArchiveName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// How a package is packed (CEP 35).
  public enum Format: String, Sendable, Hashable, CaseIterable {
    /// A ZIP archive of Zstandard tars.
    case conda = ".conda"
    /// One bzip2 tar.
    case tarBz2 = ".tar.bz2"
  }

  /// The whole file name.
  public let fileName: String
  /// What the extension says.
  public let format: Format

  /// Accepts any visible file name with one of the two extensions.
  ///
  /// Hidden files are temporary or none of ours.
  public init?(_ fileName: some StringProtocol) {
    guard !fileName.utf8.starts(with: ".".utf8),
      let format = Format.allCases.first(where: { format in
        fileName.utf8.count > format.rawValue.utf8.count
          && fileName.utf8.suffix(format.rawValue.utf8.count).elementsEqual(format.rawValue.utf8)
      })
    else { return nil }
    self.fileName = String(fileName)
    self.format = format
  }

  /// The file name without its extension.
  public var stem: Substring {
    fileName[..<fileName.utf8.index(fileName.utf8.endIndex, offsetBy: -format.rawValue.utf8.count)]
  }

  /// What the file name says the package is; nil when it has no three parts.
  package var parts: (name: Substring, version: Substring, build: Substring)? {
    guard let second = stem.lastIndex(of: "-"),
      let first = stem[..<second].lastIndex(of: "-")
    else { return nil }
    return (
      stem[..<first], stem[stem.index(after: first)..<second], stem[stem.index(after: second)...]
    )
  }

  /// Whether clients can read an index with this name in it: they want three parts, and some stop at
  /// a name that JSON does not spell as it is.
  public var isReadableByClients: Bool {
    let isPlain = fileName.utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
    return isPlain && stem.utf8.count { $0 == UInt8(ascii: "-") } >= 2
  }

  /// The file name.
  public var description: String { fileName }

  /// Order by code point, in which the channel's documents list their packages.
  public static func < (left: ArchiveName, right: ArchiveName) -> Bool {
    left.fileName.precedes(right.fileName)
  }
}
