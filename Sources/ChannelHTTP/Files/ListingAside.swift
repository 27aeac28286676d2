/// Names that a listing puts away below the others, as things that visitors seldom come for.
public struct ListingAside: Sendable, Hashable {
  /// What the names are, as in `Index files`.
  public let title: String
  private let files: [NamePattern]
  private let directories: [NamePattern]

  /// Creates a group of names.
  ///
  /// - Parameters:
  ///   - title: What the names are, as in `Index files`.
  ///   - patterns: Which names they are; `*` stands for any run of characters, and a pattern that
  ///     ends in a slash is for directories, one that does not for files.
  public init(_ title: String, _ patterns: [String]) {
    self.title = title
    files = patterns.filter { !$0.hasSuffix("/") }.map { NamePattern($0) }
    directories = patterns.filter { $0.hasSuffix("/") }.map { NamePattern($0.dropLast()) }
  }

  func fits(_ name: ArraySlice<UInt8>, isDirectory: Bool) -> Bool {
    (isDirectory ? directories : files).contains { $0.fits(name) }
  }
}
