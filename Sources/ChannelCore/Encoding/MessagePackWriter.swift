/// Writes MessagePack, each value in its shortest form.
package struct MessagePackWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func writeMap(count: Int) {
    writeHeader(count, short: 0x80, shortLimit: 16, medium: 0xDE, long: 0xDF)
  }

  package mutating func writeArray(count: Int) {
    writeHeader(count, short: 0x90, shortLimit: 16, medium: 0xDC, long: 0xDD)
  }

  package mutating func write(_ text: String) {
    write(text: text.utf8)
  }

  /// Text, given as its UTF-8 bytes.
  package mutating func write(text utf8: some Collection<UInt8>) {
    if (32..<256).contains(utf8.count) {
      bytes.append(0xD9)
      bytes.append(UInt8(utf8.count))
    } else {
      writeHeader(utf8.count, short: 0xA0, shortLimit: 32, medium: 0xDA, long: 0xDB)
    }
    bytes.append(contentsOf: utf8)
  }

  package mutating func write(binary: [UInt8]) {
    switch binary.count {
    case ..<256:
      bytes.append(0xC4)
      append(UInt8(binary.count))
    case ..<65536:
      bytes.append(0xC5)
      append(UInt16(binary.count))
    default:
      bytes.append(0xC6)
      append(UInt32(binary.count))
    }
    bytes.append(contentsOf: binary)
  }

  package mutating func write(_ number: Int) {
    switch number {
    case 0..<128: append(UInt8(number))
    case -32..<0: append(Int8(number))
    case 128..<256: append(0xCC, UInt8(number))
    case 256..<65536: append(0xCD, UInt16(number))
    case 65536..<(1 << 32): append(0xCE, UInt32(number))
    case (1 << 32)...: append(0xCF, UInt64(number))
    case -128..<0: append(0xD0, Int8(number))
    case -32768..<0: append(0xD1, Int16(number))
    case -(1 << 31)..<0: append(0xD2, Int32(number))
    default: append(0xD3, Int64(number))
    }
  }

  package mutating func write(_ flag: Bool) {
    bytes.append(flag ? 0xC3 : 0xC2)
  }

  package mutating func writeNull() {
    bytes.append(0xC0)
  }

  /// A JSON value; numbers that are no integers become 64-bit floats.
  package mutating func write(_ value: JSONValue) {
    switch value {
    case .null: writeNull()
    case .bool(let flag): write(flag)
    case .string(let text): write(text)
    case .number(let text):
      if let number = Int(text) {
        write(number)
      } else if let number = UInt64(text) {
        append(0xCF, number)
      } else {
        append(0xCB, (Double(text) ?? 0).bitPattern)
      }
    case .array(let values):
      writeArray(count: values.count)
      for value in values { write(value) }
    case .object(let object):
      writeMap(count: object.members.count)
      for member in object.members {
        write(member.name)
        write(member.value)
      }
    }
  }

  private mutating func writeHeader(
    _ count: Int, short: UInt8, shortLimit: Int, medium: UInt8, long: UInt8
  ) {
    switch count {
    case ..<shortLimit: bytes.append(short | UInt8(count))
    case ..<65536: append(medium, UInt16(count))
    default: append(long, UInt32(count))
    }
  }

  private mutating func append(_ type: UInt8, _ number: some FixedWidthInteger) {
    bytes.append(type)
    append(number)
  }

  private mutating func append(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }
}
