/// One block of a bzip2 stream: from its codes to the bytes that were packed.
///
/// The bytes were sorted by what follows them (Burrows and Wheeler). Reading a block links its sorted
/// bytes in the order in which they belong; `emit` then follows the links no further than it is asked
/// to.
struct Bzip2Block: ~Copyable {
  /// How many symbols are taken from one code before the next one is selected.
  private static let groupSize = 50
  /// The selectors that a block of the largest size can use; further ones are passed over.
  private static let selectorLimit = 18_002
  /// How much the writing of short runs may overshoot.
  private static let slack = 16

  private var codes = Bzip2Codes()
  private let selectors: UnsafeMutablePointer<UInt8>
  private let recency = Bzip2Recency.Storage()
  private let counts: UnsafeMutablePointer<UInt32>

  /// How many bytes a block can have.
  private var capacity = 0
  private var symbols: UnsafeMutablePointer<UInt16>
  /// The bytes in the order of what follows each of them.
  private var column: UnsafeMutablePointer<UInt8>
  /// For each place in sorted order its byte, and above that the place of the next byte.
  private var links: UnsafeMutablePointer<UInt32>

  private var emission = Bzip2Emission()

  init() {
    selectors = .allocate(capacity: Self.selectorLimit)
    counts = .allocate(capacity: 1024)
    symbols = .allocate(capacity: 0)
    column = .allocate(capacity: 0)
    links = .allocate(capacity: 0)
  }

  deinit {
    selectors.deallocate()
    counts.deallocate()
    symbols.deallocate()
    column.deallocate()
    links.deallocate()
  }

  /// Makes room for blocks of so many bytes.
  ///
  /// Memory that no block reaches is never touched, so it costs nothing but addresses.
  mutating func reserve(_ size: Int) {
    guard size > capacity else { return }
    symbols.deallocate()
    column.deallocate()
    links.deallocate()
    symbols = .allocate(capacity: size + Self.groupSize)
    column = .allocate(capacity: size + Self.slack)
    links = .allocate(capacity: size)
    capacity = size
  }

  // MARK: Reading

  /// Reads what follows a block's mark and checksum; `limit` is the size that the stream declares,
  /// for which there is room.
  mutating func read(from bits: inout Bzip2Bits, limit: Int) throws(Bzip2Error) {
    let isDisordered = try bits.readFlag()
    let origin = Int(try bits.read(24))
    var recency = Bzip2Recency(in: recency)
    let alphabet = try Self.readAlphabet(into: &recency, from: &bits) + 2
    let codeCount = Int(try bits.read(3))
    guard (2...Bzip2Codes.limit).contains(codeCount) else { throw .malformed(.selectors) }
    let selectorCount = try readSelectors(of: codeCount, from: &bits)
    try codes.read(codeCount, alphabet: alphabet, from: &bits)
    let count = try readSymbols(
      from: &bits, groups: selectorCount, end: alphabet - 1, limit: limit)
    let size = try fillColumn(from: count, recency, limit: limit)
    guard origin < size else { throw .malformed(.origin) }
    link(size)
    emission = Bzip2Emission(from: origin, count: size, isDisordered: isDisordered)
  }

  /// Notes the bytes that occur, in their order, and says how many there are.
  private static func readAlphabet(
    into recency: inout Bzip2Recency, from bits: inout Bzip2Bits
  ) throws(Bzip2Error) -> Int {
    let groups = try bits.read(16)
    var count = 0
    for group in 0..<16 where groups >> UInt32(15 - group) & 1 == 1 {
      let members = try bits.read(16)
      for member in 0..<16 where members >> UInt32(15 - member) & 1 == 1 {
        recency.append(UInt8(group * 16 + member), at: count)
        count += 1
      }
    }
    guard count > 0 else { throw .malformed(.alphabet) }
    return count
  }

  /// Reads which code each group of symbols is written in.
  private mutating func readSelectors(
    of codeCount: Int, from bits: inout Bzip2Bits
  ) throws(Bzip2Error) -> Int {
    let count = Int(try bits.read(15))
    guard count > 0 else { throw .malformed(.selectors) }
    // The latest selected code stands lowest, four bits each.
    var recency: UInt32 = 0x543210
    for index in 0..<count {
      var place: UInt32 = 0
      while try bits.readFlag() {
        place += 1
        guard place < codeCount else { throw .malformed(.selectors) }
      }
      let code = recency >> (place * 4) & 0xF
      let moved: UInt32 = (1 << (place * 4 + 4)) - 1
      recency = recency & ~moved | recency << 4 & moved | code
      if index < Self.selectorLimit { selectors[index] = UInt8(code) }
    }
    return min(count, Self.selectorLimit)
  }

  /// Reads the symbols of a block up to its end, which is left out, and says how many there are.
  private mutating func readSymbols(
    from bits: inout Bzip2Bits, groups: Int, end: Int, limit: Int
  ) throws(Bzip2Error) -> Int {
    var reader = bits
    let symbols = symbols
    var count = 0
    for group in 0..<groups {
      // Each stands for a byte at least.
      guard count <= limit else { throw .malformed(.size) }
      let code = Int(selectors[group])
      let table = codes.table(code)
      for _ in 0..<(Self.groupSize / 5) {
        try reader.refill()
        for _ in 0..<5 {
          let entry = table[Int(reader.reservoir &>> UInt64(64 &- Bzip2Codes.lookupBits))]
          var symbol = entry &>> 4
          if entry != 0 {
            reader.drop(Int(entry & 0xF))
          } else {
            // Four codes of ten bits may have left too few for one of the longest.
            try reader.refill()
            let long = try codes.longSymbol(code, reader.reservoir)
            symbol = long.symbol
            reader.drop(long.length)
            try reader.refill()
          }
          symbols[count] = symbol
          if symbol == end {
            try reader.requireGood()
            bits = reader
            return count
          }
          count &+= 1
        }
      }
    }
    try reader.requireGood()
    throw .malformed(.selectors)
  }

  /// Turns symbols into the sorted bytes and says how many there are.
  private mutating func fillColumn(
    from count: Int, _ order: Bzip2Recency, limit: Int
  ) throws(Bzip2Error) -> Int {
    var recency = order
    let (column, symbols) = (column, symbols)
    var size = 0
    var index = 0
    while index < count {
      let symbol = Int(symbols[index])
      index &+= 1
      guard size < limit else { throw .malformed(.size) }
      // Symbols 0 and 1 repeat the latest byte once or twice. Nothing here is decided by a jump, of
      // which every other would be foreseen wrongly.
      let byte = recency.use(symbol == 0 ? 0 : symbol &- 1)
      UnsafeMutableRawPointer(column + size).storeBytes(
        of: UInt16(byte) &* 0x0101, as: UInt16.self)
      size &+= 1 &- (symbol ^ 1 &- 1) &>> 63
      guard symbol < 2, index < count, symbols[index] < 2 else { continue }
      // If more of them follow, they are digits of one number.
      var run = 0
      var weight = 2
      repeat {
        run &+= weight &<< Int(symbols[index])
        weight &<<= 1
        index &+= 1
        guard run <= limit else { throw .malformed(.size) }
      } while index < count && symbols[index] < 2
      guard run <= limit &- size else { throw .malformed(.size) }
      Self.fill(column + size, with: byte, count: run)
      size &+= run
    }
    guard size <= limit else { throw .malformed(.size) }
    return size
  }

  /// Writes a run, and up to `slack` bytes too many behind it.
  @inline(__always)
  private static func fill(_ start: UnsafeMutablePointer<UInt8>, with byte: UInt8, count: Int) {
    UnsafeMutableRawPointer(start).storeBytes(
      of: UInt64(byte) &* 0x0101_0101_0101_0101, as: UInt64.self)
    if count > 8 { start.update(repeating: byte, count: count) }
  }

  /// Links each sorted byte with the one that follows it: equal ones are followed in the order of
  /// the column.
  private mutating func link(_ size: Int) {
    let (column, counts, links) = (column, counts, links)
    counts.initialize(repeating: 0, count: 1024)
    var index = 0
    while index &+ 4 <= size {
      counts[Int(column[index])] &+= 1
      counts[256 &+ Int(column[index &+ 1])] &+= 1
      counts[512 &+ Int(column[index &+ 2])] &+= 1
      counts[768 &+ Int(column[index &+ 3])] &+= 1
      index &+= 4
    }
    while index < size {
      counts[Int(column[index])] &+= 1
      index &+= 1
    }
    var sum: UInt32 = 0
    for byte in 0..<256 {
      let count = counts[byte] &+ counts[256 &+ byte] &+ counts[512 &+ byte] &+ counts[768 &+ byte]
      counts[byte] = sum
      sum &+= count
    }
    for index in 0..<size {
      let byte = column[index]
      let place = counts[Int(byte)]
      counts[Int(byte)] = place &+ 1
      links[Int(place)] = UInt32(truncatingIfNeeded: index) &<< 8 | UInt32(byte)
    }
  }

  // MARK: Emission

  /// Whether all bytes of the block were emitted.
  var isAtEnd: Bool { emission.remaining == 0 }

  /// Forgets what is left of the block.
  mutating func clear() {
    emission = Bzip2Emission()
  }

  /// Writes the next bytes and says how many; all of the block's, or nearly as many as there is room
  /// for.
  mutating func emit(into buffer: UnsafeMutableRawBufferPointer) throws(Bzip2Error) -> Int {
    try emission.run(along: links, into: buffer)
  }
}
