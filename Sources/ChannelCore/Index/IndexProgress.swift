internal import Synchronization

/// How far a run of the indexer has come.
public struct IndexProgress: Sendable, Hashable {
  /// How many packages were read.
  public let read: Int
  /// How many packages have to be read.
  public let total: Int

  /// Counts packages from any thread, and tells of about every hundredth part.
  final class Counter: Sendable {
    private let total: Int
    private let read = Atomic<Int>(0)
    private let tell: @Sendable (IndexProgress) -> Void

    init(total: Int, _ tell: @escaping @Sendable (IndexProgress) -> Void) {
      self.total = total
      self.tell = tell
    }

    func advance() {
      let read = read.add(1, ordering: .relaxed).newValue
      if read == total || read % max(1, total / 100) == 0 {
        tell(IndexProgress(read: read, total: total))
      }
    }
  }
}
