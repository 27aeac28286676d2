/// What somebody may do with a channel; each right includes those before it.
package enum Right: String, Sendable, Hashable, CaseIterable, Comparable {
  /// See what is there and download it.
  case read
  /// Put packages in that are not there yet.
  case publish
  /// Replace packages, yank and delete them.
  case admin

  package static func < (left: Right, right: Right) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int {
    switch self {
    case .read: 0
    case .publish: 1
    case .admin: 2
    }
  }
}
