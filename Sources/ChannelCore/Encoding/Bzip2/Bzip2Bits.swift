internal import ChannelSystem
internal import SystemPackage

/// Where compressed bytes come from: memory, or a file that is read a piece at a time.
struct Bzip2Input {
  private var rest: UnsafeRawBufferPointer
  private var descriptor: FileDescriptor?
  private var offset = 0
  private let buffer: UnsafeMutableRawBufferPointer

  /// Bytes in memory, which must outlive the input.
  init(_ bytes: UnsafeRawBufferPointer) {
    rest = bytes
    buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  /// A file from its beginning, read through `buffer`; both must outlive the input.
  init(_ descriptor: FileDescriptor, through buffer: UnsafeMutableRawBufferPointer) {
    rest = UnsafeRawBufferPointer(start: nil, count: 0)
    self.descriptor = descriptor
    self.buffer = buffer
  }

  /// The next bytes; none at the end.
  mutating func next() throws(Bzip2Error) -> UnsafeRawBufferPointer {
    guard let descriptor else {
      defer { rest = UnsafeRawBufferPointer(start: nil, count: 0) }
      return rest
    }
    do throws(Errno) {
      let count = try descriptor.read(into: buffer, at: offset)
      offset += count
      return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    } catch {
      throw .unreadable(error)
    }
  }
}

/// Reads bits, the most significant of each byte first.
///
/// A plain value: a loop that reads many takes a copy, so that the reservoir stays in registers.
struct Bzip2Bits {
  /// How many bits `refill` provides at least, unless the input ends.
  static let guaranteed = 56

  /// Bits to come, the next one on top.
  private(set) var reservoir: UInt64 = 0
  /// How many bits of the reservoir are good; below zero when more were taken than there are.
  private(set) var count = 0
  private var position: UnsafeRawPointer?
  private var end: UnsafeRawPointer?
  private var input: Bzip2Input

  init(_ input: Bzip2Input) {
    self.input = input
  }

  /// Provides as many bits as fit.
  ///
  /// At the input's end there may be none to add. The bits behind the last one are then zeros, and
  /// whoever took some of them learns it at the next call.
  @inline(__always)
  mutating func refill() throws(Bzip2Error) {
    guard let position, let end, end - position >= 8 else {
      // By value: had it an address, the reservoir would stay in memory.
      self = try Self.refilledBytewise(self)
      return
    }
    let word = UInt64(bigEndian: position.loadUnaligned(as: UInt64.self))
    // Bits of a byte that fits in part are put there again by the next call.
    reservoir |= word &>> UInt64(truncatingIfNeeded: count)
    self.position = position + (63 &- count) &>> 3
    count |= Self.guaranteed
  }

  @inline(never)
  private static func refilledBytewise(_ bits: Bzip2Bits) throws(Bzip2Error) -> Bzip2Bits {
    var bits = bits
    try bits.requireGood()
    while bits.count <= guaranteed {
      if bits.position == bits.end {
        let bytes = try bits.input.next()
        guard let start = bytes.baseAddress, !bytes.isEmpty else { break }
        bits.position = start
        bits.end = start + bytes.count
      }
      guard let next = bits.position else { break }
      let byte = next.load(as: UInt8.self)
      bits.reservoir |= UInt64(byte) &<< UInt64(truncatingIfNeeded: guaranteed &- bits.count)
      bits.count += 8
      bits.position = next + 1
    }
    return bits
  }

  /// Takes `length` bits, fewer than 64, that were looked at in the reservoir.
  @inline(__always)
  mutating func drop(_ length: Int) {
    reservoir &<<= UInt64(truncatingIfNeeded: length)
    count &-= length
  }

  /// Fails when more bits were taken than there are.
  @inline(__always)
  func requireGood() throws(Bzip2Error) {
    if count < 0 { throw .cutShort }
  }

  /// The next bits, 1 to 32 of them, as a number.
  @inline(__always)
  mutating func read(_ length: Int) throws(Bzip2Error) -> UInt32 {
    guard try has(length) else { throw .cutShort }
    let value = UInt32(truncatingIfNeeded: reservoir &>> UInt64(truncatingIfNeeded: 64 &- length))
    drop(length)
    return value
  }

  @inline(__always)
  mutating func readFlag() throws(Bzip2Error) -> Bool {
    try read(1) == 1
  }

  /// Whether so many bits are left, up to 32.
  @inline(__always)
  mutating func has(_ length: Int) throws(Bzip2Error) -> Bool {
    if count < length { try refill() }
    return count >= length
  }

  /// Goes to the next whole byte.
  mutating func align() {
    drop(count & 7)
  }
}
