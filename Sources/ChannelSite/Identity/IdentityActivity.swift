internal import Synchronization

/// What one identity has done, in numbers.
///
/// Loops and threads add to it without waiting for one another.
package final class IdentityActivity: Sendable {
  /// What is told apart.
  enum Count: Int, CaseIterable {
    case reads, refusals
    case published, unchanged, deleted, yanked, unyanked, refused, failed, brokenOff

    /// What becomes of changes, and what metrics call it.
    static let changes: [(count: Count, name: String)] = [
      (.published, "published"), (.unchanged, "unchanged"), (.deleted, "deleted"),
      (.yanked, "yanked"), (.unyanked, "unyanked"), (.refused, "refused"), (.failed, "failed"),
      (.brokenOff, "broken_off"),
    ]
  }

  private let counts = InlineArray<10, Atomic<Int>> { _ in Atomic(0) }

  package init() {}

  subscript(count: Count) -> Int { counts[count.rawValue].load(ordering: .relaxed) }

  func note(_ count: Count) {
    counts[count.rawValue].add(1, ordering: .relaxed)
  }

  /// Notes what became of a request to change a channel.
  func note(_ outcome: PublishOutcome) {
    switch (outcome.status, outcome.code) {
    case (403, _): note(.refusals)
    case (499, _): note(.brokenOff)
    case (400..<500, _): note(.refused)
    case (500..., _): note(.failed)
    case (_, "unchanged"): note(.unchanged)
    case (_, "deleted"): note(.deleted)
    case (_, "yanked"): note(.yanked)
    case (_, "listed"): note(.unyanked)
    default: note(.published)
    }
  }
}
