internal import Synchronization

/// What one loop counts.
///
/// Only its loop writes, so no count is ever fought over: an addition is a load and a store, and
/// whoever reads meanwhile sees one of both.
final class LoopMetrics: Sendable {
  /// The methods that are told apart.
  enum Method: Int, CaseIterable {
    case get, head, options, put, post, delete, other

    /// The method of a request; one that could not be parsed has no name, whatever its head says.
    init(_ method: ChannelHTTP.Method, _ name: Span<UInt8>) {
      guard !name.isEmpty else {
        self = .other
        return
      }
      switch method {
      case .get: self = .get
      case .head: self = .head
      case .options: self = .options
      case .unknown: self = .other
      case .refused:
        if name.equals("PUT") {
          self = .put
        } else if name.equals("POST") {
          self = .post
        } else {
          self = name.equals("DELETE") ? .delete : .other
        }
      }
    }

    var name: String { self == .other ? "other" : "\(self)".uppercased() }
  }

  /// What is counted beside the requests.
  enum Count: Int, CaseIterable {
    case bytes, accepted, closed, refused, limited, expectedMisses
    case cacheHits, cacheMisses, cacheEntries
    /// Nanoseconds of all requests together.
    case time
  }

  /// Classes of status codes, from 2xx to 5xx.
  static let classes = 4

  /// Bounds of the time that a request took, in nanoseconds.
  typealias Bounds = InlineArray<17, Int>
  static let bounds: Bounds = [
    50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
    50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000,
    10_000_000_000,
  ]

  /// A copy that is reached without a look whether it is there yet.
  private let bounds = LoopMetrics.bounds
  private let requests = InlineArray<28, Atomic<Int>> { _ in Atomic(0) }
  /// By the first bound that the time does not exceed; the last is for what exceeds all.
  private let times = InlineArray<18, Atomic<Int>> { _ in Atomic(0) }
  private let counts = InlineArray<10, Atomic<Int>> { _ in Atomic(0) }

  func add(_ number: Int = 1, to count: Count) {
    Self.add(number, to: counts[count.rawValue])
  }

  /// Counts a request that was answered after so many nanoseconds.
  func noteRequest(_ method: Method, _ status: Status, after nanoseconds: Int) {
    let statusClass = min(max(status.code / 100 - 2, 0), Self.classes - 1)
    Self.add(1, to: requests[method.rawValue * Self.classes + statusClass])
    var bucket = 0
    while bucket < bounds.count, nanoseconds > bounds[bucket] { bucket += 1 }
    Self.add(1, to: times[bucket])
    add(nanoseconds, to: .time)
  }

  private static func add(_ number: Int, to count: borrowing Atomic<Int>) {
    count.store(count.load(ordering: .relaxed) &+ number, ordering: .relaxed)
  }

  /// What was counted so far.
  struct Sums {
    fileprivate(set) var requests = [Int](repeating: 0, count: 28)
    fileprivate(set) var times = [Int](repeating: 0, count: 18)
    fileprivate var counts = [Int](repeating: 0, count: 10)

    subscript(count: Count) -> Int { counts[count.rawValue] }

    func requests(_ method: Method, ofClass statusClass: Int) -> Int {
      requests[method.rawValue * LoopMetrics.classes + statusClass]
    }
  }

  func add(to sums: inout Sums) {
    for index in requests.indices {
      sums.requests[index] += requests[index].load(ordering: .relaxed)
    }
    for index in times.indices { sums.times[index] += times[index].load(ordering: .relaxed) }
    for index in counts.indices { sums.counts[index] += counts[index].load(ordering: .relaxed) }
  }
}
