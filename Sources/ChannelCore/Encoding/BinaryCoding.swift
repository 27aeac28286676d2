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

  /// Closes the bytes with their digest, so that damage never goes unnoticed.
  package mutating func seal() {
    append(Digest.sha256(of: bytes).bytes)
  }
}

/// Reads back what a `BinaryWriter` wrote.
package struct BinaryReader {
  /// The bytes end before the value does.
  package struct Truncated: Error {}

  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  /// Opens bytes that begin with `magic` and were closed with their digest; nil when either is not
  /// so.
  package init?(sealed bytes: [UInt8], magic: [UInt8]) {
    end = bytes.count - 32
    guard end >= magic.count, bytes.starts(with: magic),
      Digest.sha256(of: bytes[..<end]).bytes.elementsEqual(bytes[end...])
    else { return nil }
    self.bytes = bytes
    position = magic.count
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
