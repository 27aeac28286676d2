/// Memory that sockets are read into, one connection after the other.
struct ReadBuffer: ~Copyable {
  let bytes: UnsafeMutableBufferPointer<UInt8>

  init(capacity: Int) {
    bytes = .allocate(capacity: capacity)
  }

  deinit {
    bytes.deallocate()
  }
}
