/// Writes JSON in the one spelling that the channel's documents use.
///
/// Compact, members sorted by code point, everything outside printable ASCII escaped: the bytes
/// that `json.dumps(…, sort_keys=True, separators=(",", ":"))` makes in Python, on which conda's
/// tools have settled.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package init(reservingCapacity capacity: Int) {
    bytes.reserveCapacity(capacity)
  }

  /// The canonical bytes of one value.
  package static func bytes(of value: JSONValue) -> [UInt8] {
    var writer = JSONWriter()
    writer.write(value)
    return writer.bytes
  }

  package mutating func write(_ value: JSONValue) {
    switch value {
    case .null: raw("null")
    case .bool(let value): raw(value ? "true" : "false")
    case .number(let text): bytes.append(contentsOf: text.utf8)
    case .string(let text): write(text)
    case .array(let values):
      raw("[")
      for (index, value) in values.enumerated() {
        if index > 0 { raw(",") }
        write(value)
      }
      raw("]")
    case .object(let object): write(object)
    }
  }

  package mutating func write(_ object: JSONObject) {
    raw("{")
    for (index, member) in object.members.enumerated() {
      if index > 0 { raw(",") }
      write(member.name)
      raw(":")
      write(member.value)
    }
    raw("}")
  }

  package mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      // Nearly all strings of a channel are plain, and copied in one piece.
      if utf8.allSatisfy(isPlain) {
        bytes.append(contentsOf: utf8)
      } else {
        escape(utf8)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  package mutating func write(_ number: Int) {
    bytes.append(contentsOf: String(number).utf8)
  }

  /// Punctuation and other text that is JSON already.
  package mutating func raw(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// Bytes that are JSON already.
  package mutating func raw(_ json: some Collection<UInt8>) {
    bytes.append(contentsOf: json)
  }

  private func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func escape(_ utf8: UnsafeBufferPointer<UInt8>) {
    for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": raw("\\\"")
      case "\\": raw("\\\\")
      case "\n": raw("\\n")
      case "\r": raw("\\r")
      case "\t": raw("\\t")
      case "\u{8}": raw("\\b")
      case "\u{C}": raw("\\f")
      case " "..."~": bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      default:
        for unit in UTF16.encode(scalar) ?? .init() { escape(unit: unit) }
      }
    }
  }

  private mutating func escape(unit: UInt16) {
    raw("\\u")
    for shift in [12, 8, 4, 0] {
      let digit = UInt8(truncatingIfNeeded: unit >> shift & 0xF)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}
