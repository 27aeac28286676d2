internal import ChannelSystem
package import SystemPackage

/// A collection of real packages that may lie beside the checkout, in `../shared/corpus`.
///
/// It is no part of the project: a test that wants it is skipped where it is absent, with
/// `.enabled(if: Corpus.directory != nil)`.
package enum Corpus {
  /// Where the corpus is, or nil.
  package static let directory: FilePath? = {
    let path = repository.removingLastComponent().appending("shared/corpus")
    return (try? FileStatus(of: path).kind) == .directory ? path : nil
  }()

  /// The root of the checkout that the tests were built from.
  package static let repository = (0..<4).reduce(into: FilePath(#filePath)) { path, _ in
    path = path.removingLastComponent()
  }
}
