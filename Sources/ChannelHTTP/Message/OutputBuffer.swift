/// Bytes on their way out, gathered so that one system call sends many.
package struct OutputBuffer: ~Copyable {
  private var storage: UnsafeMutableRawPointer
  private var capacity: Int
  package private(set) var count = 0

  package init(capacity: Int = 32_768) {
    self.capacity = capacity
    storage = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit {
    storage.deallocate()
  }

  package var isEmpty: Bool { count == 0 }

  package borrowing func withBytes<Value, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try body(UnsafeRawBufferPointer(start: storage, count: count))
  }

  /// Forgets the bytes; memory that an unusual answer needed is given back.
  package mutating func removeAll() {
    count = 0
    if capacity > 1 << 20 {
      storage.deallocate()
      capacity = 32_768
      storage = .allocate(byteCount: capacity, alignment: 16)
    }
  }

  /// Forgets everything from `count` on.
  package mutating func truncate(to count: Int) {
    self.count = min(self.count, count)
  }

  private mutating func reserve(_ additional: Int) {
    guard count + additional > capacity else { return }
    let larger = max(capacity * 2, count + additional)
    let copy = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    copy.copyMemory(from: storage, byteCount: count)
    storage.deallocate()
    storage = copy
    capacity = larger
  }

  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    (storage + count).copyMemory(from: start, byteCount: bytes.count)
    count += bytes.count
  }

  package mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  package mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  package mutating func append(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBytes { append($0) }
  }

  package mutating func append(byte: UInt8) {
    reserve(1)
    storage.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  /// Appends a number that is not negative in decimal digits.
  package mutating func append(decimal number: Int) {
    reserve(20)
    var rest = UInt64(max(0, number))
    var digits = 1
    var bound: UInt64 = 10
    while digits < 19, rest >= bound {
      digits += 1
      bound *= 10
    }
    for position in stride(from: count + digits - 1, through: count, by: -1) {
      let digit = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10)
      storage.storeBytes(of: digit, toByteOffset: position, as: UInt8.self)
      rest /= 10
    }
    count += digits
  }
}
