import ChannelCore
import Testing

@Suite struct BinaryCodingTests {
  private var written: [UInt8] {
    var writer = BinaryWriter()
    writer.append([0xAA])
    writer.write(UInt8(1))
    writer.write(Int64(-2))
    writer.write(UInt32.max)
    writer.write(Array("text".utf8))
    writer.write([UInt8]())
    return writer.bytes
  }

  @Test func `numbers are little-endian and strings have their length in front`() {
    let expected: [UInt8] =
      [0xAA, 1] + [0xFE] + Array(repeating: 0xFF, count: 7) + [0xFF, 0xFF, 0xFF, 0xFF]
      + [4, 0, 0, 0] + Array("text".utf8) + [0, 0, 0, 0]
    #expect(written == expected)
  }

  private func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var writer = BinaryWriter()
    writer.append(bytes)
    writer.seal()
    return writer.bytes
  }

  private func opens(_ bytes: [UInt8], magic: UInt8 = 0xAA) -> Bool {
    BinaryReader(sealed: bytes, magic: [magic]) != nil
  }

  @Test func `what was written is read back`() throws {
    var reader = try #require(BinaryReader(sealed: sealed(written), magic: [0xAA]))
    #expect(try reader.number(UInt8.self) == 1)
    #expect(try reader.number(Int64.self) == -2)
    #expect(try reader.number(UInt32.self) == .max)
    #expect(Array(try reader.string()) == Array("text".utf8))
    #expect(reader.isAtEnd == false)
    #expect(try reader.string().isEmpty)
    #expect(reader.isAtEnd)
    #expect(throws: BinaryReader.Truncated.self) { try reader.number(UInt8.self) }
  }

  @Test func `no changed byte and no truncation goes unnoticed`() {
    let bytes = sealed(written)
    for position in bytes.indices {
      var changed = bytes
      changed[position] ^= 1
      #expect(opens(changed) == false)
      #expect(opens(Array(bytes[..<position])) == false)
    }
    #expect(opens(bytes + [0]) == false)
    #expect(opens(bytes, magic: 0xAB) == false)
  }

  @Test func `a reader never passes into the digest at the end`() throws {
    var reader = try #require(BinaryReader(sealed: sealed([0xAA, 4, 0, 0, 0]), magic: [0xAA]))
    #expect(throws: BinaryReader.Truncated.self) { try reader.string() }
    var number = try #require(BinaryReader(sealed: sealed([0xAA, 1]), magic: [0xAA]))
    #expect(throws: BinaryReader.Truncated.self) { try number.number(Int64.self) }
  }

  @Test func `a length beyond the end is an error, however large`() throws {
    let bytes: [UInt8] = [0xAA, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2]
    var reader = try #require(BinaryReader(sealed: sealed(bytes), magic: [0xAA]))
    #expect(throws: BinaryReader.Truncated.self) { try reader.string() }
  }
}
