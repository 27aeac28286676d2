internal import Synchronization

/// Something that goes from one thread to another, once.
final class Handover<Value: ~Copyable & Sendable>: Sendable {
  private let value: Mutex<Value?>

  init(_ value: consuming sending Value) {
    self.value = Mutex(value)
  }

  /// What was handed over; nil for all but the first who asks.
  func take() -> Value? {
    value.withLock { $0.take() }
  }
}
