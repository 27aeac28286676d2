/// The prefix codes of one block, from two to six of them for one alphabet.
///
/// Codes of up to ten bits, which is nearly all that occur, are looked up at once; for longer ones
/// the lengths are tried in turn.
struct Bzip2Codes: ~Copyable {
  static let limit = 6
  static let longest = 20
  /// Two symbols for runs, 255 for bytes that are not the latest, and the block's end.
  static let largestAlphabet = 258

  /// How many bits are looked up at once.
  static let lookupBits = 10
  private static let lookupSize = 1 << lookupBits

  /// For every beginning of `lookupBits` bits the symbol that it stands for, and in the lower four
  /// bits the length of its code, which is zero when that is longer.
  private let lookup: UnsafeMutablePointer<UInt16>
  /// The symbols of a code in the code's order.
  private let symbols: UnsafeMutablePointer<UInt16>
  /// For each length the end of its codes, left-aligned in `longest` bits.
  private let ends: UnsafeMutablePointer<UInt32>
  /// For each length what to add to a code in order to have its place among the symbols.
  private let offsets: UnsafeMutablePointer<Int32>
  private let lengths: UnsafeMutablePointer<UInt8>

  init() {
    lookup = .allocate(capacity: Self.limit * Self.lookupSize)
    symbols = .allocate(capacity: Self.limit * Self.largestAlphabet)
    ends = .allocate(capacity: Self.limit * (Self.longest + 1))
    offsets = .allocate(capacity: Self.limit * (Self.longest + 1))
    lengths = .allocate(capacity: Self.largestAlphabet)
  }

  deinit {
    lookup.deallocate()
    symbols.deallocate()
    ends.deallocate()
    offsets.deallocate()
    lengths.deallocate()
  }

  /// Reads `count` codes for so many symbols.
  mutating func read(
    _ count: Int, alphabet: Int, from bits: inout Bzip2Bits
  ) throws(Bzip2Error) {
    var reader = bits
    for code in 0..<count {
      var length = Int(try reader.read(5))
      for symbol in 0..<alphabet {
        // One bit says whether the length changes, a second one how.
        while true {
          guard (1...Self.longest).contains(length) else { throw .malformed(.codeLength) }
          guard try reader.readFlag() else { break }
          length += try reader.readFlag() ? -1 : 1
        }
        lengths[symbol] = UInt8(truncatingIfNeeded: length)
      }
      prepare(code, alphabet: alphabet)
    }
    bits = reader
  }

  /// Assigns codes by their lengths, in the order of the symbols among equals.
  ///
  /// Damaged lengths can make for more codes than there are. The shortest are then good, as they are
  /// to libbz2, and the others do not occur.
  private mutating func prepare(_ code: Int, alphabet: Int) {
    let symbols = symbols + code * Self.largestAlphabet
    let ends = ends + code * (Self.longest + 1)
    let offsets = offsets + code * (Self.longest + 1)
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * (Self.longest + 1)) { scratch in
      scratch.initialize(repeating: 0)
      let places = Self.longest + 1
      for symbol in 0..<alphabet { scratch[Int(lengths[symbol])] &+= 1 }
      var first: Int32 = 0
      var place: Int32 = 0
      for length in 1...Self.longest {
        let count = scratch[length]
        first = first &<< 1
        offsets[length] = place &- first
        scratch[places + length] = place
        first &+= count
        place &+= count
        ends[length] = UInt32(truncatingIfNeeded: first) &<< UInt32(Self.longest - length)
      }
      for symbol in 0..<alphabet {
        let length = places + Int(lengths[symbol])
        symbols[Int(scratch[length])] = UInt16(truncatingIfNeeded: symbol)
        scratch[length] &+= 1
      }
    }
    fillLookup(code, alphabet: alphabet)
  }

  private mutating func fillLookup(_ code: Int, alphabet: Int) {
    let lookup = lookup + code * Self.lookupSize
    let symbols = symbols + code * Self.largestAlphabet
    var end = 0
    var place = 0
    while place < alphabet {
      let symbol = symbols[place]
      let length = Int(lengths[Int(symbol)])
      if length > Self.lookupBits || end == Self.lookupSize { break }
      let entry = symbol &<< 4 | UInt16(truncatingIfNeeded: length)
      let count = min(1 &<< (Self.lookupBits &- length), Self.lookupSize &- end)
      for index in end..<(end &+ count) { lookup[index] = entry }
      end &+= count
      place &+= 1
    }
    for index in end..<Self.lookupSize { lookup[index] = 0 }
  }

  /// The lookup table of a code, for a loop that takes many symbols.
  borrowing func table(_ code: Int) -> UnsafePointer<UInt16> {
    UnsafePointer(lookup + code * Self.lookupSize)
  }

  /// The symbol at the top of `reservoir`, whose code the table does not hold, as it would hold it.
  @inline(never)
  borrowing func longSymbol(
    _ code: Int, _ reservoir: UInt64
  ) throws(Bzip2Error) -> (symbol: UInt16, length: Int) {
    let ends = ends + code * (Self.longest + 1)
    let offsets = offsets + code * (Self.longest + 1)
    let top = UInt32(truncatingIfNeeded: reservoir &>> UInt64(64 - Self.longest))
    for length in (Self.lookupBits + 1)...Self.longest where top < ends[length] {
      let value = Int32(truncatingIfNeeded: top >> UInt32(Self.longest - length))
      let place = Int(value &+ offsets[length])
      return (symbols[code * Self.largestAlphabet + place], length)
    }
    throw .malformed(.code)
  }
}
