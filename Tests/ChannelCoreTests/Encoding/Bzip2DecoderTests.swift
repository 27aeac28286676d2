import ChannelCore
import Foundation
import Support
import SystemPackage
import Testing

@Suite struct Bzip2DecoderTests {
  /// What is packed, of every kind that takes another path.
  enum Document: CaseIterable {
    case empty, byte, two, three, four, five, longRun, runsOfAllLengths, text, noise, allValues
    case smallBlock, manyBlocks, manyBlocksOfRuns

    var bytes: [UInt8] {
      switch self {
      case .empty: []
      case .byte: [7]
      case .two: [7, 7]
      case .three: [7, 7, 7]
      case .four: [7, 7, 7, 7]
      case .five: [7, 7, 7, 7, 7]
      case .longRun: Array(repeating: 0, count: 1_000_000)
      case .runsOfAllLengths:
        (1...600).flatMap { Array(repeating: UInt8($0 % 3), count: $0) }
      case .text: Array(String(repeating: "sorted by what follows ", count: 1000).utf8)
      case .noise: Self.noise(count: 20_000, mask: 0xFF)
      case .allValues: Array(0...255)
      case .smallBlock: Self.noise(count: 1200, mask: 0x0F)
      case .manyBlocks: Self.noise(count: 950_000, mask: 0x3F)
      case .manyBlocksOfRuns: Self.noise(count: 190_000, mask: 3).flatMap { [$0, $0, $0, $0, $0] }
      }
    }

    static func noise(count: Int, mask: UInt8) -> [UInt8] {
      var state: UInt32 = 1
      return (0..<count).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(truncatingIfNeeded: state >> 24) & mask
      }
    }
  }

  private func packed(_ bytes: [UInt8]) throws -> [UInt8] {
    try #require(Bzip2.compress(bytes))
  }

  /// All that `decoder` makes of `stream`.
  private func unpacked(
    _ stream: [UInt8], with decoder: inout Bzip2Decoder
  ) throws(Bzip2Error) -> [UInt8] {
    try stream.span.withUnsafeBytes { (bytes) throws(Bzip2Error) in
      decoder.open(bytes)
      return try rest(of: &decoder)
    }
  }

  private func unpacked(_ stream: [UInt8]) throws(Bzip2Error) -> [UInt8] {
    var decoder = Bzip2Decoder()
    return try unpacked(stream, with: &decoder)
  }

  private func rest(of decoder: inout Bzip2Decoder) throws(Bzip2Error) -> [UInt8] {
    var unpacked: [UInt8] = []
    while true {
      let piece = try decoder.next()
      if piece.isEmpty { return unpacked }
      unpacked.append(contentsOf: piece)
    }
  }

  @Test(arguments: Document.allCases)
  func `what was packed comes back`(document: Document) throws {
    #expect(try unpacked(packed(document.bytes)) == document.bytes)
  }

  @Test func `texts of all small lengths come back`() throws {
    var decoder = Bzip2Decoder()
    for count in 0..<300 {
      let text = Document.noise(count: count, mask: 7)
      #expect(try unpacked(packed(text), with: &decoder) == text)
    }
  }

  @Test func `a file is read as memory is`() throws {
    let directory = try TemporaryDirectory()
    let bytes = Document.manyBlocks.bytes
    try directory("packed").write(packed(bytes))
    let descriptor = try FileDescriptor.open(directory("packed"), .readOnly)
    defer { try? descriptor.close() }
    var decoder = Bzip2Decoder()
    for _ in 0..<2 {
      decoder.open(descriptor)
      #expect(try rest(of: &decoder) == bytes)
    }
  }

  /// A stream in which codes of ten bits and of the greatest length, twenty, follow each other.
  private static let longCodes = """
    QlpoOTFBWSZTWX3U0mIAAOhfgMyAUAX/+z////r////6CACgAQAKCqqqf//4qqqn//+Kqqp///iqqqf//4qq\
    qn//+Kqqp///iqqqf//4qqqn//+Kqqp///iqqqf//4qqqn//+Kqqp///iqqqf//4qqqn//+Kqqp///iqqqf/\
    /4qqqn//+Kqqp///iqqqf//4qqqn//+KqqooKqqp///iqqqf//4qqqn//+Kqqp///iqqqf//4qqqn//+Kqqp\
    ///iqqqf//4qqqn//+Kqqp///iqqqf//4qqqn//+Kqqp///iqqqf//4qqqn//+Kqqp///iqqqf//4qqqn//+\
    Kqqp///iqqqf//4qqqgfiACAAAEIABAAAABB8AQAgCAIAgEAgAAAAIAACAAgAGBgbgABwAAQAAACAAAgAIBQ\
    AASAADgAAIAACAABAAAAACAAoAgaAIBACAQAgAIAAAAAYJgYCYgAAIAICACYCCACYYiACQBAcBQABiGgZBkD\
    QgAMAAZgUBYgACIABCAAQAAUIAAgQAQAgAHwBAAGIBAAAYBAAGIMgCAAGgEAAKguHYICACQAAOAAgACAAAAC\
    IAEAOIAACAAwAAIAAAACAAWgAAYAAAAAPgEAACAGIABAAIAEgAAwgAQA4BgCDwJgAAwBiAAAQCAAIACAAIAA\
    KDgAAcIAAAEBQABAA4AAKIABgWAoLgYAAAAAIAIiABQHAAEQRhIIAFhKEwTiABgUBSFQgAaFYWBaCAACABwN\
    hcF4gAKGAgAeGIZBmIAICAAwFAOIAGgGAAgAQAAgAgEQgAWAASAAIAJCACQch4IAACABoFgWAAChYAABCAAI\
    ACAAAEheAwBhcAAEAMAAdhEB4gAmBADgGIAAAGAAECAAYgAEGIAAcCoBAUBoHgCIACBeEoYAYIAGAABgFAEC\
    QAAYIAJh8IACgWCgBAAIACACHwBBmAADgQAYAAEAABgAHgegACYAAaBwAAuIAAiAAwHCAAoDiAAQGgUAACga\
    AACAOAQBgAAQDgEAYLgUBIfAAB4AASAABAYAAgAEGwBgiBQAAcIAAAOHwAAgAAEgEAAgAGCQFiAAYCgaH4AB\
    +IAAA4AAAACAAACACgu5IpwoSD7qaTEA
    """

  @Test func `codes of the greatest length are read`() throws {
    let stream = try Array(#require(Data(base64Encoded: Self.longCodes)))
    let unpacked = try unpacked(stream)
    #expect(unpacked.count == 10240)
    #expect(unpacked == unpackedBzip2(stream, limit: 1 << 15))
  }

  @Test func `streams that follow one another are one`() throws {
    let parts = [Document.text, .empty, .byte, .noise, .empty].map(\.bytes)
    let stream = try parts.flatMap(packed)
    #expect(try unpacked(stream) == Array(parts.joined()))
  }

  @Test(arguments: [[0], Array("BZ".utf8), Array("BZh0 and more".utf8), [0, 0, 0, 0, 0, 0]])
  func `what follows the last stream is left alone`(rest: [UInt8]) throws {
    let text = Document.text.bytes
    #expect(try unpacked(packed(text) + rest) == text)
  }

  @Test(arguments: [
    [], Array("BZ".utf8), Array("BZh0".utf8), Array("bzh9".utf8), [0x1F, 0x8B, 8, 0],
  ])
  func `what begins otherwise is called no bzip2`(bytes: [UInt8]) {
    #expect(throws: Bzip2Error.notBzip2) { try unpacked(bytes) }
  }

  @Test(arguments: [Document.empty, .byte, .text, .smallBlock, .allValues])
  func `a stream cut off anywhere is refused`(document: Document) throws {
    let stream = try packed(document.bytes)
    var decoder = Bzip2Decoder()
    for end in 4..<stream.count {
      #expect(throws: Bzip2Error.cutShort, "cut at \(end)") {
        try unpacked(Array(stream[..<end]), with: &decoder)
      }
    }
  }

  @Test(arguments: [Document.byte, .five, .text, .smallBlock, .allValues])
  func `no bit is changed unnoticed, unless it means nothing`(document: Document) throws {
    let bytes = document.bytes
    var stream = try packed(bytes)
    var decoder = Bzip2Decoder()
    var unnoticed = 0
    for position in stream.indices {
      for bit in 0..<8 {
        stream[position] ^= 1 << UInt8(bit)
        let changed = try? unpacked(stream, with: &decoder)
        #expect(changed == nil || changed == bytes, "bit \(bit) of byte \(position)")
        // libbz2 notices the same.
        let others = unpackedBzip2(stream, limit: 1 << 15)
        #expect((others == bytes) == (changed == bytes), "bit \(bit) of byte \(position)")
        if changed != nil { unnoticed += 1 }
        stream[position] ^= 1 << UInt8(bit)
      }
    }
    // How large blocks may be, whether the last one is disordered, what fills the last byte, and in
    // a text that is one pattern over and over, where it begins.
    #expect(unnoticed < 40)
    #expect(try unpacked(stream, with: &decoder) == bytes)
  }

  @Test func `garbage behind a good beginning never ends the process`() throws {
    let start = try packed(Document.text.bytes).prefix(30)
    let noise = Document.noise(count: 6000, mask: 0xFF)
    var decoder = Bzip2Decoder()
    for length in 4...start.count {
      for offset in 0..<40 {
        let stream = start.prefix(length) + noise[(offset * 100)...]
        #expect(throws: Bzip2Error.self) { try unpacked(Array(stream), with: &decoder) }
      }
    }
  }

  @Test func `a block that declares a smaller size than it has is refused`() throws {
    var stream = try packed(Document.noise(count: 150_000, mask: 0x3F))
    stream[3] = UInt8(ascii: "1")
    #expect(throws: Bzip2Error.malformed(.size)) { try unpacked(stream) }
    stream[3] = UInt8(ascii: "2")
    #expect(try unpacked(stream).count == 150_000)
  }

  @Test func `a block whose end is damaged still gives what comes before`() throws {
    // Blocks are handed out a piece at a time; only the last piece shows that they are whole.
    let text = Document.noise(count: 400_000, mask: 0x3F)
    var stream = try packed(text)
    stream[12] ^= 1
    let first = try stream.span.withUnsafeBytes { bytes in
      var decoder = Bzip2Decoder()
      decoder.open(bytes)
      let first = Array(try decoder.next())
      #expect(throws: Bzip2Error.malformed(.blockChecksum)) { try rest(of: &decoder) }
      #expect(try decoder.next().isEmpty)
      return first
    }
    #expect(!first.isEmpty && text.starts(with: first))
  }

  // MARK: Disordered blocks

  @Test(arguments: [100, 617, 618, 1338, 1900])
  func `a block in which the first bzip2 changed some bytes is put right`(count: Int) throws {
    // Without runs, so that a byte's place is the same before and after.
    let text = (0..<count).map { place in
      let square: Int = place * place % 251
      return UInt8(square & 0x7C | place & 1)
    }
    var changed = text
    // The first places of the format's table.
    for place in [617, 1337, 1464] where place < count { changed[place] ^= 1 }
    let checksum = Array(try packed(text)[10..<14])
    var bits = Bits(try packed(changed))
    bits.replace(at: 80, with: checksum)
    bits.values[112] = 1
    let end = try #require(bits.position(ofLast: [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]))
    bits.replace(at: end + 48, with: checksum)
    #expect(try unpacked(bits.bytes) == text)
    #expect(unpackedBzip2(bits.bytes) == text)
    #expect(try unpacked(packed(changed)) == changed)
  }

  private struct Bits {
    var values: [UInt8]

    init(_ bytes: [UInt8]) {
      values = bytes.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 } }
    }

    var bytes: [UInt8] {
      stride(from: 0, to: values.count, by: 8).map { start in
        values[start..<(start + 8)].reduce(0) { $0 << 1 | $1 }
      }
    }

    mutating func replace(at position: Int, with bytes: [UInt8]) {
      let other = Bits(bytes).values
      values.replaceSubrange(position..<(position + other.count), with: other)
    }

    func position(ofLast bytes: [UInt8]) -> Int? {
      let wanted = Bits(bytes).values
      return values.indices.last { values[$0...].starts(with: wanted) }
    }
  }
}
