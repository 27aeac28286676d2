import ChannelCore
import Support
import Testing

/// MessagePack as other tools read it: each value comes back, in its shortest form.
@Suite struct MessagePackWriterTests {
  private func bytes(_ write: (inout MessagePackWriter) -> Void) -> [UInt8] {
    var writer = MessagePackWriter()
    write(&writer)
    return writer.bytes
  }

  /// Each side of every limit between two widths, with the size of the shorter form.
  @Test(arguments: [
    (0, 1), (127, 1), (128, 2), (255, 2), (256, 3), (65_535, 3), (65_536, 5),
    (4_294_967_295, 5), (4_294_967_296, 9), (Int.max, 9), (-1, 1), (-32, 1), (-33, 2), (-128, 2),
    (-129, 3), (-32_768, 3), (-32_769, 5), (-2_147_483_648, 5), (-2_147_483_649, 9), (Int.min, 9),
  ])
  func `an integer comes back from its shortest form`(number: Int, size: Int) throws {
    let bytes = bytes { $0.write(number) }
    #expect(try MessagePack(bytes: bytes) == .integer(number))
    #expect(bytes.count == size)
  }

  @Test(arguments: [(0, 1), (31, 1), (32, 2), (255, 2), (256, 3), (65_535, 3), (65_536, 5)])
  func `text comes back with the shortest length in front`(count: Int, overhead: Int) throws {
    let text = String(repeating: "x", count: count)
    let bytes = bytes { $0.write(text) }
    #expect(try MessagePack(bytes: bytes) == .string(text))
    #expect(bytes.count == count + overhead)
  }

  @Test func `the length of text is counted in bytes`() throws {
    let text = String(repeating: "é", count: 20)
    let bytes = bytes { $0.write(text) }
    #expect(try MessagePack(bytes: bytes) == .string(text))
    #expect(bytes.count == 42)
  }

  @Test(arguments: [(0, 2), (32, 2), (255, 2), (256, 3), (65_535, 3), (65_536, 5)])
  func `binary data come back with the shortest length in front`(
    count: Int, overhead: Int
  ) throws {
    let data = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let bytes = bytes { $0.write(binary: data) }
    #expect(try MessagePack(bytes: bytes) == .binary(data))
    #expect(bytes.count == count + overhead)
  }

  @Test(arguments: [(0, 1), (15, 1), (16, 3), (65_535, 3), (65_536, 5)])
  func `an array comes back with the shortest length in front`(count: Int, overhead: Int) throws {
    let values = [JSONValue](repeating: .null, count: count)
    let bytes = bytes { $0.write(.array(values)) }
    #expect(try MessagePack(bytes: bytes) == .array(Array(repeating: .null, count: count)))
    #expect(bytes.count == count + overhead)
  }

  @Test(arguments: [(0, 1), (15, 1), (16, 3), (65_535, 3), (65_536, 5)])
  func `a map comes back with the shortest length in front`(count: Int, overhead: Int) throws {
    let bytes = bytes { writer in
      writer.writeMap(count: count)
      for key in 0..<count {
        writer.write(key)
        writer.writeNull()
      }
    }
    let pairs = (0..<count).map { MessagePack.Pair(key: .integer($0), value: .null) }
    #expect(try MessagePack(bytes: bytes) == .map(pairs))
    #expect(bytes[0] == (overhead == 1 ? 0x80 | UInt8(count) : overhead == 3 ? 0xDE : 0xDF))
  }

  @Test(
    arguments: [
      ("null", .null), ("true", .bool(true)), ("false", .bool(false)), (#""a""#, .string("a")),
      ("18446744073709551615", .unsigned(.max)), ("1.5", .float(1.5)), ("-0.25", .float(-0.25)),
      ("1e3", .float(1000)), ("18446744073709551616", .float(18_446_744_073_709_551_616)),
      ("[1,[]]", .array([.integer(1), .array([])])),
      (
        #"{"b":{},"a":[null]}"#,
        .map([
          .init(key: .string("a"), value: .array([.null])),
          .init(key: .string("b"), value: .map([])),
        ])
      ),
    ] as [(String, MessagePack)])
  func `a JSON value comes back as what it is`(text: String, expected: MessagePack) throws {
    let value = try JSONReader.value(in: Array(text.utf8))
    #expect(try MessagePack(bytes: bytes { $0.write(value) }) == expected)
  }
}
