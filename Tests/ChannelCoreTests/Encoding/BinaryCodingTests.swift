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

  @Test func `what was written is read back`() throws {
    let bytes = written
    var reader = BinaryReader(bytes, from: 1, to: bytes.count)
    #expect(try reader.number(UInt8.self) == 1)
    #expect(try reader.number(Int64.self) == -2)
    #expect(try reader.number(UInt32.self) == .max)
    #expect(Array(try reader.string()) == Array("text".utf8))
    #expect(reader.isAtEnd == false)
    #expect(try reader.string().isEmpty)
    #expect(reader.isAtEnd)
    #expect(throws: BinaryReader.Truncated.self) { try reader.number(UInt8.self) }
  }

  @Test func `a reader never passes its end, though bytes follow`() {
    let bytes = written
    var number = BinaryReader(bytes, from: 2, to: 9)
    #expect(throws: BinaryReader.Truncated.self) { try number.number(Int64.self) }
    var string = BinaryReader(bytes, from: 14, to: 21)
    #expect(throws: BinaryReader.Truncated.self) { try string.string() }
  }

  @Test func `a length beyond the end is an error, however large`() {
    var reader = BinaryReader([0xFF, 0xFF, 0xFF, 0xFF, 1, 2], to: 6)
    #expect(throws: BinaryReader.Truncated.self) { try reader.string() }
  }
}
