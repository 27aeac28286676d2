/// One package file of a channel: its subdir and its name.
public struct PackageLocation: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The subdir.
  public let subdir: Platform
  /// The file.
  public let archive: ArchiveName

  /// Names a file, which need not exist.
  public init(_ archive: ArchiveName, in subdir: Platform) {
    self.subdir = subdir
    self.archive = archive
  }

  /// Reads `subdir/file`; nil when it does not have that form.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let subdir = Platform(parts[0]), let archive = ArchiveName(parts[1])
    else { return nil }
    self.init(archive, in: subdir)
  }

  /// The path below the channel's root.
  public var description: String { "\(subdir)/\(archive)" }

  /// By subdir, then in the order of the channel's documents.
  public static func < (left: Self, right: Self) -> Bool {
    left.subdir == right.subdir ? left.archive < right.archive : left.subdir < right.subdir
  }
}
