/// Why bytes are not the MessagePack that an index is made of.
package struct MessagePackError: Error, Sendable, Hashable, CustomStringConvertible {
  package let offset: Int

  package var description: String { "invalid MessagePack at byte \(offset)" }
}

/// Reads MessagePack as JSON, with binary data spelled in hexadecimal: so a shard's record compares
/// with the one in `repodata.json`.
package struct MessagePackReader {
  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The one value that `bytes` hold.
  package static func value(in bytes: [UInt8]) throws(MessagePackError) -> JSONValue {
    var reader = MessagePackReader(bytes)
    let value = try reader.value(depth: 0)
    guard reader.position == bytes.count else { throw reader.failure }
    return value
  }

  private var failure: MessagePackError { MessagePackError(offset: position) }

  private mutating func value(depth: Int) throws(MessagePackError) -> JSONValue {
    guard depth <= JSONReader.depthLimit else { throw failure }
    let type = try number(UInt8.self)
    switch type {
    case 0x00...0x7F: return .number(String(type))
    case 0x80...0x8F: return try map(Int(type & 0x0F), depth)
    case 0x90...0x9F: return try array(Int(type & 0x0F), depth)
    case 0xA0...0xBF: return try string(Int(type & 0x1F))
    case 0xC0: return .null
    case 0xC2, 0xC3: return .bool(type == 0xC3)
    case 0xC4: return try binary(Int(number(UInt8.self)))
    case 0xC5: return try binary(Int(number(UInt16.self)))
    case 0xC6: return try binary(Int(number(UInt32.self)))
    case 0xCA: return .number("\(Float(bitPattern: try number(UInt32.self)))")
    case 0xCB: return .number("\(Double(bitPattern: try number(UInt64.self)))")
    case 0xCC: return .number(String(try number(UInt8.self)))
    case 0xCD: return .number(String(try number(UInt16.self)))
    case 0xCE: return .number(String(try number(UInt32.self)))
    case 0xCF: return .number(String(try number(UInt64.self)))
    case 0xD0: return .number(String(try number(Int8.self)))
    case 0xD1: return .number(String(try number(Int16.self)))
    case 0xD2: return .number(String(try number(Int32.self)))
    case 0xD3: return .number(String(try number(Int64.self)))
    case 0xD9: return try string(Int(number(UInt8.self)))
    case 0xDA: return try string(Int(number(UInt16.self)))
    case 0xDB: return try string(Int(number(UInt32.self)))
    case 0xDC: return try array(Int(number(UInt16.self)), depth)
    case 0xDD: return try array(Int(number(UInt32.self)), depth)
    case 0xDE: return try map(Int(number(UInt16.self)), depth)
    case 0xDF: return try map(Int(number(UInt32.self)), depth)
    case 0xE0...0xFF: return .number(String(Int8(bitPattern: type)))
    default: throw failure
    }
  }

  private mutating func map(_ count: Int, _ depth: Int) throws(MessagePackError) -> JSONValue {
    var members: [JSONObject.Member] = []
    for _ in 0..<count {
      guard case .string(let name) = try value(depth: depth + 1) else { throw failure }
      members.append(.init(name: name, value: try value(depth: depth + 1)))
    }
    return .object(JSONObject(unsorted: members))
  }

  private mutating func array(_ count: Int, _ depth: Int) throws(MessagePackError) -> JSONValue {
    var values: [JSONValue] = []
    for _ in 0..<count { values.append(try value(depth: depth + 1)) }
    return .array(values)
  }

  private mutating func string(_ count: Int) throws(MessagePackError) -> JSONValue {
    guard let text = String(validating: try take(count), as: UTF8.self) else { throw failure }
    return .string(text)
  }

  private mutating func binary(_ count: Int) throws(MessagePackError) -> JSONValue {
    .string(Digest(bytes: Array(try take(count))).description)
  }

  private mutating func take(_ count: Int) throws(MessagePackError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw failure }
    defer { position += count }
    return bytes[position..<position + count]
  }

  private mutating func number<Number: FixedWidthInteger>(
    _: Number.Type
  ) throws(MessagePackError) -> Number {
    try take(Number.bitWidth / 8).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }
}
