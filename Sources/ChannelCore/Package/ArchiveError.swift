/// Why an archive could not be read on.
package enum ArchiveError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, in the words of whoever found it.
  case damaged(String)
  /// A limit, in bytes, and what it bounds.
  case limitExceeded(what: String, bytes: Int)

  package var description: String {
    switch self {
    case .damaged(let reason): reason
    case .limitExceeded(let what, let bytes): "\(what) is larger than the limit of \(bytes) bytes"
    }
  }
}
