/// Appends numbers, little-endian, and byte strings with their length in front.
package struct BinaryWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func write(_ string: some Collection<UInt8>) {
    write(UInt32(string.count))
    bytes.append(contentsOf: string)
  }

  package mutating func append(_ raw: some Collection<UInt8>) {
    bytes.append(contentsOf: raw)
  }
}

/// Reads back what a `BinaryWriter` wrote.
package struct BinaryReader {
  /// The bytes end before the value does.
  package struct Truncated: Error {}

  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  package init(_ bytes: [UInt8], from position: Int = 0, to end: Int) {
    self.bytes = bytes
    self.position = position
    self.end = end
  }

  package var isAtEnd: Bool { position == end }

  package mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type = Number.self
  ) throws(Truncated) -> Number {
    let size = MemoryLayout<Number>.size
    guard end - position >= size else { throw Truncated() }
    defer { position += size }
    return bytes.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Number.self))
    }
  }

  /// A byte string, which shares the reader's storage.
  package mutating func string() throws(Truncated) -> ArraySlice<UInt8> {
    let count = Int(try number(UInt32.self))
    guard end - position >= count else { throw Truncated() }
    defer { position += count }
    return bytes[position..<(position + count)]
  }
}
