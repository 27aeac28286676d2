/// The bytes of a block in the order of their last use, the latest in front.
///
/// Most uses are of one of the first few, so the first sixteen stand in two words, where moving them
/// is a matter of shifts and needs no decision.
struct Bzip2Recency {
  private var first: UInt64 = 0
  private var second: UInt64 = 0
  /// The bytes from the seventeenth on, each at its place.
  private let others: UnsafeMutablePointer<UInt8>
  private let masks: UnsafeMutablePointer<SIMD2<UInt64>>

  /// The memory of one order after another.
  struct Storage: ~Copyable {
    /// Moves of many bytes begin up to so many before the first.
    fileprivate static let margin = 64

    fileprivate let bytes: UnsafeMutablePointer<UInt8>
    /// For each place in the words, which bits of either a use of it moves.
    fileprivate let masks: UnsafeMutablePointer<SIMD2<UInt64>>

    init() {
      bytes = .allocate(capacity: Self.margin + 256)
      bytes.initialize(repeating: 0, count: Self.margin + 256)
      masks = .allocate(capacity: 16)
      for place in 0..<16 {
        let bits = (UInt128(2) << (place * 8 + 7)) &- 1
        masks[place] = [
          UInt64(truncatingIfNeeded: bits), UInt64(truncatingIfNeeded: bits >> 64),
        ]
      }
    }

    deinit {
      bytes.deallocate()
      masks.deallocate()
    }
  }

  /// An order without bytes; one at a time may use `storage`, which must outlive it.
  init(in storage: borrowing Storage) {
    others = storage.bytes + Storage.margin
    masks = storage.masks
  }

  /// Puts a byte behind the `place` bytes that were put there before.
  mutating func append(_ byte: UInt8, at place: Int) {
    switch place {
    case 0..<8: first |= UInt64(byte) << UInt64(place * 8)
    case 8..<16: second |= UInt64(byte) << UInt64((place - 8) * 8)
    default: others[place] = byte
    }
  }

  /// Moves the byte at a place to the front; the place must have one.
  @inline(__always)
  mutating func use(_ place: Int) -> UInt8 {
    guard place < 16 else { return useOther(place) }
    let moved = masks[place]
    let word = place < 8 ? first : second
    let byte = UInt8(
      truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: (place & 7) &* 8))
    second ^= (second ^ (second &<< 8 | first &>> 56)) & moved.y
    first ^= (first ^ (first &<< 8 | UInt64(byte))) & moved.x
    return byte
  }

  @inline(__always)
  private mutating func useOther(_ place: Int) -> UInt8 {
    let byte = others[place]
    // From above in large steps, the last of which reaches into what is not used.
    var end = UnsafeMutableRawPointer(others + place)
    while end > UnsafeMutableRawPointer(others + 16) {
      let moved = (end - 64).loadUnaligned(as: SIMD64<UInt8>.self)
      (end - 63).storeBytes(of: moved, as: SIMD64<UInt8>.self)
      end -= 64
    }
    others[16] = UInt8(truncatingIfNeeded: second &>> 56)
    second = second &<< 8 | first &>> 56
    first = first &<< 8 | UInt64(byte)
    return byte
  }
}
