/// A tar put together field by field, as no one tool would write it.
package struct HandmadeTar: Sendable {
  package static let posixMagic = "ustar\u{0}00"
  package static let gnuMagic = "ustar  \u{0}"
  package static let oldMagic = "\0\0\0\0\0\0\0\0"

  package var bytes: [UInt8] = []

  package init() {}

  /// Adds a header and, each to the end of its last block, what follows it.
  ///
  /// `size` is the field's own bytes, in place of those that tell the size of `content`;
  /// `holeBlocks` is how many blocks follow the header that say where holes are.
  package mutating func add(
    _ name: String, _ content: String, type: Character = "0", prefix: String = "",
    magic: String = posixMagic, size: [UInt8]? = nil, holeBlocks: Int = 0,
    addsSignedBytes: Bool = false
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ bytes: some Collection<UInt8>, at offset: Int) {
      header.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    }
    put(name.utf8, at: 0)
    put("0000644\0".utf8, at: 100)
    put(size ?? Array(Self.octal(content.utf8.count, digits: 11).utf8), at: 124)
    put("00000000000\0".utf8, at: 136)
    put(String(type).utf8, at: 156)
    put(magic.utf8, at: 257)
    put(prefix.utf8, at: 345)
    if holeBlocks > 0 { header[482] = 1 }
    put("        ".utf8, at: 148)
    let sum = header.reduce(0) { $0 + (addsSignedBytes ? Int(Int8(bitPattern: $1)) : Int($1)) }
    put(Self.octal(sum, digits: 6).utf8, at: 148)
    bytes += header
    for remaining in (0..<holeBlocks).reversed() {
      var block = [UInt8](repeating: 0, count: 512)
      block[504] = remaining > 0 ? 1 : 0
      bytes += block
    }
    bytes += content.utf8
    bytes += Array(repeating: 0, count: -content.utf8.count & 511)
  }

  /// The lines of a pax header.
  package static func attributes(_ pairs: [(String, String)]) -> String {
    pairs.map { key, value in
      let rest = " \(key)=\(value)\n"
      var length = rest.utf8.count
      // The length counts its own digits.
      while String(length).utf8.count + rest.utf8.count != length { length += 1 }
      return "\(length)\(rest)"
    }.joined()
  }

  private static func octal(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: digits - text.utf8.count) + text + "\0"
  }
}
