/// Makes the web pages of directories in place of the server's own.
///
/// It runs on a thread of the pool. A page is kept until the directory changes, so it should tell
/// of nothing that can change without it.
public struct ListingDecorator: Sendable {
  /// Makes a page in HTML with UTF-8 from what a directory holds; nil leaves it to the server.
  ///
  /// Names are bytes that somebody chose: what is put into the page must be escaped.
  public var page: @Sendable (DirectoryListing) -> [UInt8]?

  /// Creates a decorator.
  public init(_ page: @escaping @Sendable (DirectoryListing) -> [UInt8]?) {
    self.page = page
  }
}

/// What a directory holds, as far as visitors may know, in the order in which it is to be shown.
public struct DirectoryListing: Sendable {
  /// A file or directory.
  public struct Entry: Sendable, Hashable {
    /// The bytes of its name.
    public var name: ArraySlice<UInt8>
    /// Whether it is a directory, whose link ends in a slash.
    public var isDirectory: Bool
    /// In bytes; zero for directories.
    public var size: Int
    /// When it was last modified, in seconds since 1970 UTC.
    public var modified: Int
  }

  /// What entries are sorted by.
  public enum Order: Sendable, Hashable {
    /// By name.
    case name
    /// By the time of the last change.
    case modified
    /// By size.
    case size
  }

  /// The directory's path below the served folder, with no slash at either end; empty for the
  /// folder itself.
  public var path: [UInt8]
  /// The entries, directories first.
  public var entries: [Entry]
  /// What the visitor wants them sorted by, as they are.
  public var order: Order
  /// Whether the visitor wants the last first.
  public var isDescending: Bool

  init(_ listing: borrowing Listing, path: [UInt8], _ wanted: ListingOptions) {
    self.path = path
    var entries: [Entry] = []
    entries.reserveCapacity(listing.entries.count)
    for entry in listing.entries {
      entries.append(
        Entry(
          name: listing.name(of: entry), isDirectory: entry.isDirectory, size: entry.size,
          modified: entry.modified.seconds))
    }
    self.entries = entries
    order =
      switch wanted.order {
      case .name: .name
      case .modified: .modified
      case .size: .size
      }
    isDescending = wanted.isDescending
  }
}
