import Synchronization

/// Counts the steps of a run from any of its threads.
final class StepCounter: Sendable {
  private let count = Atomic(0)

  /// The number of this step, from 1.
  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
