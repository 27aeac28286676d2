/// The way along the links of a block, and how far it was gone.
struct Bzip2Emission {
  /// What one step can write, and overshoot.
  private static let longestStep = 272
  /// So many equal bytes are followed by a number: how many more of them there are.
  private static let runStart = 4

  /// How many links are left to follow.
  private(set) var remaining = 0
  private var place = 0
  private var run = 0
  private var latest: UInt8 = 0
  private var changes = 0
  private var untilChange = Int.max

  /// Nothing to emit.
  init() {}

  /// From a place on, along `count` links.
  init(from place: Int, count: Int, isDisordered: Bool) {
    self.place = place
    remaining = count
    if isDisordered { untilChange = Bzip2Disorder.beforeFirst }
  }

  /// Writes the next bytes and says how many; all that are left, or nearly as many as there is room
  /// for.
  mutating func run(
    along links: UnsafeMutablePointer<UInt32>, into buffer: UnsafeMutableRawBufferPointer
  ) throws(Bzip2Error) -> Int {
    guard let start = buffer.baseAddress else { return 0 }
    let last = start + (buffer.count - Self.longestStep)
    var output = start
    while remaining > 0, output <= last {
      if untilChange == 0 {
        links[place] ^= 1
        changes += 1
        untilChange = Bzip2Disorder.distance(after: changes)
      }
      let steps = min(remaining, untilChange)
      let left = follow(links, steps, into: &output, notBeyond: last)
      remaining -= steps - left
      untilChange -= steps - left
    }
    if remaining == 0, run == Self.runStart { throw .malformed(.run) }
    return output - start
  }

  /// Follows so many links, as long as there is room, and says how many are left.
  @inline(__always)
  private mutating func follow(
    _ links: UnsafeMutablePointer<UInt32>, _ steps: Int,
    into output: inout UnsafeMutableRawPointer, notBeyond last: UnsafeMutableRawPointer
  ) -> Int {
    var (place, run, latest, next, left) = (place, run, latest, output, steps)
    while left > 0, next <= last {
      let link = links[place]
      place = Int(link &>> 8)
      let byte = UInt8(truncatingIfNeeded: link)
      left &-= 1
      if run == Self.runStart {
        Self.fill(next, with: latest, count: Int(byte))
        next += Int(byte)
        run = 0
      } else {
        next.storeBytes(of: byte, as: UInt8.self)
        next += 1
        run = byte == latest ? run &+ 1 : 1
        latest = byte
      }
    }
    (self.place, self.run, self.latest, output) = (place, run, latest, next)
    return left
  }

  /// Writes a run, and up to fifteen bytes too many behind it.
  @inline(never)
  private static func fill(_ start: UnsafeMutableRawPointer, with byte: UInt8, count: Int) {
    let pattern = SIMD16<UInt8>(repeating: byte)
    var offset = 0
    while offset < count {
      (start + offset).storeBytes(of: pattern, as: SIMD16<UInt8>.self)
      offset &+= 16
    }
  }
}
