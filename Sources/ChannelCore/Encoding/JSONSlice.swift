/// A value in canonical JSON whose bytes are known and not decoded: for those who want a few fields of
/// very many records.
///
/// Canonical is what ``JSONWriter`` writes: no white space, members in the order of their names. Of
/// other bytes nothing is promised but that reading them comes to an end.
package struct JSONSlice: Sendable, Hashable {
  package let bytes: ArraySlice<UInt8>

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
  }

  /// The string, if this is one.
  package var string: String? {
    guard bytes.count >= 2, bytes.first == UInt8(ascii: "\"") else { return nil }
    let text = bytes.dropFirst().dropLast()
    guard !text.contains(UInt8(ascii: "\\")) else {
      return (try? JSONReader.value(in: Array(bytes)))?.string
    }
    return String(validating: text, as: UTF8.self)
  }

  /// The number as an integer, if it is one that fits.
  package var integer: Int? { Int(String(decoding: bytes, as: UTF8.self)) }

  /// Whether this is a string or an array with something in it.
  package var isFilled: Bool {
    bytes.count > 2
      && (bytes.first == UInt8(ascii: "\"") || bytes.first == UInt8(ascii: "["))
  }

  /// The elements, if this is an array.
  package var elements: [JSONSlice] {
    guard bytes.first == UInt8(ascii: "[") else { return [] }
    var elements: [JSONSlice] = []
    var position = bytes.startIndex + 1
    while position < bytes.endIndex - 1 {
      let end = Self.end(of: bytes, from: position)
      elements.append(JSONSlice(bytes[position..<end]))
      position = end + 1
    }
    return elements
  }

  /// The members, if this is an object.
  package var members: Members { Members(bytes) }

  /// The members of an object, which are asked for in the order of their names.
  package struct Members {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    fileprivate init(_ bytes: ArraySlice<UInt8>) {
      self.bytes = bytes
      position = bytes.startIndex + 1
    }

    /// The value of the member called `name`; nil when there is none, or when a later one was asked
    /// for already.
    package mutating func value(of name: String) -> JSONSlice? {
      let wanted = name.utf8
      while position < bytes.endIndex, bytes[position] == UInt8(ascii: "\"") {
        let start = position
        let nameEnd = JSONSlice.end(of: bytes, from: start)
        guard nameEnd + 1 < bytes.endIndex else { return nil }
        let found = bytes[(start + 1)..<(nameEnd - 1)]
        let isWanted = found.elementsEqual(wanted)
        guard isWanted || found.lexicographicallyPrecedes(wanted) else { return nil }
        let end = JSONSlice.end(of: bytes, from: nameEnd + 1)
        position = min(end + 1, bytes.endIndex)
        if isWanted { return JSONSlice(bytes[(nameEnd + 1)..<end]) }
      }
      return nil
    }
  }

  /// Where the value or name ends that begins at `start`.
  private static func end(of bytes: ArraySlice<UInt8>, from start: Int) -> Int {
    var (position, depth) = (start, 0)
    while position < bytes.endIndex {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        while position < bytes.endIndex, bytes[position] != UInt8(ascii: "\"") {
          position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        if depth == 0 { return min(position + 1, bytes.endIndex) }
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // The end of what a number or literal stands in.
        if depth == 0 { return position }
        depth -= 1
        if depth == 0 { return position + 1 }
      case UInt8(ascii: ","):
        if depth == 0 { return position }
      default: break
      }
      position += 1
    }
    return bytes.endIndex
  }
}
