/// A MessagePack value, read by the specification and by nothing of the code that wrote it.
package indirect enum MessagePack: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int)
  /// An integer too large for `integer`.
  case unsigned(UInt64)
  case float(Double)
  case string(String)
  case binary([UInt8])
  case array([MessagePack])
  /// Keys in the order in which they stand.
  case map([Pair])

  /// One entry of a map.
  package struct Pair: Sendable, Hashable {
    package var key: MessagePack
    package var value: MessagePack

    package init(key: MessagePack, value: MessagePack) {
      self.key = key
      self.value = value
    }
  }

  /// Why bytes are not one MessagePack value.
  package struct Malformed: Error, Hashable {
    package var reason: String
  }

  /// The one value that `bytes` are.
  package init(bytes: [UInt8]) throws(Malformed) {
    var reader = MessagePackReader(bytes: bytes)
    self = try reader.value()
    guard reader.position == bytes.count else {
      throw Malformed(reason: "bytes behind the value, at \(reader.position)")
    }
  }

  /// The value under a key that is text.
  package subscript(key: String) -> MessagePack? {
    guard case .map(let pairs) = self else { return nil }
    return pairs.first { $0.key == .string(key) }?.value
  }

  /// The keys of a map, in the order in which they stand; nil when not all are text.
  package var keys: [String]? {
    guard case .map(let pairs) = self else { return nil }
    let keys = pairs.compactMap { pair in
      if case .string(let key) = pair.key { key } else { String?.none }
    }
    return keys.count == pairs.count ? keys : nil
  }

  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  package var binary: [UInt8]? {
    if case .binary(let bytes) = self { bytes } else { nil }
  }
}

private struct MessagePackReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func value() throws(MessagePack.Malformed) -> MessagePack {
    let type = try number(UInt8.self)
    switch type {
    case 0x00...0x7F: return .integer(Int(type))
    case 0x80...0x8F: return try map(Int(type & 0x0F))
    case 0x90...0x9F: return try array(Int(type & 0x0F))
    case 0xA0...0xBF: return try string(Int(type & 0x1F))
    case 0xC0: return .null
    case 0xC2, 0xC3: return .bool(type == 0xC3)
    case 0xC4: return .binary(try take(Int(try number(UInt8.self))))
    case 0xC5: return .binary(try take(Int(try number(UInt16.self))))
    case 0xC6: return .binary(try take(Int(try number(UInt32.self))))
    case 0xCB: return .float(Double(bitPattern: try number(UInt64.self)))
    case 0xCC: return .integer(Int(try number(UInt8.self)))
    case 0xCD: return .integer(Int(try number(UInt16.self)))
    case 0xCE: return .integer(Int(try number(UInt32.self)))
    case 0xCF:
      let number = try number(UInt64.self)
      return Int(exactly: number).map { .integer($0) } ?? .unsigned(number)
    case 0xD0: return .integer(Int(try number(Int8.self)))
    case 0xD1: return .integer(Int(try number(Int16.self)))
    case 0xD2: return .integer(Int(try number(Int32.self)))
    case 0xD3: return .integer(Int(try number(Int64.self)))
    case 0xD9: return try string(Int(try number(UInt8.self)))
    case 0xDA: return try string(Int(try number(UInt16.self)))
    case 0xDB: return try string(Int(try number(UInt32.self)))
    case 0xDC: return try array(Int(try number(UInt16.self)))
    case 0xDD: return try array(Int(try number(UInt32.self)))
    case 0xDE: return try map(Int(try number(UInt16.self)))
    case 0xDF: return try map(Int(try number(UInt32.self)))
    case 0xE0...0xFF: return .integer(Int(Int8(bitPattern: type)))
    default: throw .init(reason: "type \(type) at \(position - 1)")
    }
  }

  private mutating func map(_ count: Int) throws(MessagePack.Malformed) -> MessagePack {
    var pairs: [MessagePack.Pair] = []
    for _ in 0..<count {
      let key = try value()
      pairs.append(.init(key: key, value: try value()))
    }
    return .map(pairs)
  }

  private mutating func array(_ count: Int) throws(MessagePack.Malformed) -> MessagePack {
    var values: [MessagePack] = []
    for _ in 0..<count { values.append(try value()) }
    return .array(values)
  }

  private mutating func string(_ count: Int) throws(MessagePack.Malformed) -> MessagePack {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw .init(reason: "text that is not UTF-8 before \(position)")
    }
    return .string(text)
  }

  private mutating func take(_ count: Int) throws(MessagePack.Malformed) -> [UInt8] {
    guard count <= bytes.count - position else { throw .init(reason: "ends within a value") }
    defer { position += count }
    return Array(bytes[position..<(position + count)])
  }

  private mutating func number<Number: FixedWidthInteger>(
    _ type: Number.Type
  ) throws(MessagePack.Malformed) -> Number {
    try take(Number.bitWidth / 8).reduce(Number.zero) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }
}
