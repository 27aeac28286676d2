/// One header block of a tar: POSIX ustar and pax, GNU tar, and what came before them.
struct TarHeader {
  static let size = 512

  /// What follows the block, and what it is for.
  enum Kind: Hashable {
    /// A file with its bytes.
    case file
    /// A file in which holes were left out, so that its bytes are not those that follow.
    case sparseFile
    /// A directory, link or device, of which nothing is wanted; bytes may follow all the same.
    case other
    /// The next member's name, by GNU tar.
    case longName
    /// The next member's attributes, by POSIX.
    case attributes
  }

  let kind: Kind
  /// How many bytes follow, if any do.
  let size: Int
  /// Whether none follow, whatever the size: some tools note that of what a link leads to, or of a
  /// directory's room.
  let isEmpty: Bool
  /// Whether bytes of a file that was stored before may follow; only attributes can say so.
  let isLink: Bool
  /// Whether blocks that only say where holes are come before the bytes.
  let isContinued: Bool
  let name: [UInt8]

  /// Reads a block that is not empty; nil when it is no header.
  init?(_ block: UnsafeRawBufferPointer) {
    guard block.count == Self.size, Self.hasGoodChecksum(block),
      let size = Self.number(block[124..<136])
    else { return nil }
    let name = Self.text(block[0..<100])
    let magic = block[257..<263]
    if magic.elementsEqual("ustar\0".utf8), block[345] != 0 {
      self.name = Self.text(block[345..<500]) + [UInt8(ascii: "/")] + name
    } else {
      self.name = [UInt8](name)
    }
    let type = block[156]
    isContinued = type == UInt8(ascii: "S") && block[482] != 0
    isLink = type == UInt8(ascii: "1")
    isEmpty = (UInt8(ascii: "2")...UInt8(ascii: "6")).contains(type)
    self.size = size
    switch type {
    case UInt8(ascii: "S"): kind = .sparseFile
    case UInt8(ascii: "L"): kind = .longName
    case UInt8(ascii: "x"), UInt8(ascii: "X"): kind = .attributes
    case UInt8(ascii: "1")...UInt8(ascii: "6"), UInt8(ascii: "A"), UInt8(ascii: "D"),
      UInt8(ascii: "K"), UInt8(ascii: "M"), UInt8(ascii: "N"), UInt8(ascii: "V"),
      UInt8(ascii: "g"):
      kind = .other
    // What POSIX does not name is a file. Before it, a directory was a name with a slash behind.
    default: kind = name.last == UInt8(ascii: "/") ? .other : .file
    }
  }

  /// Whether the sum of the bytes is the one noted among them, which counts as spaces; some tools
  /// added signed bytes.
  private static func hasGoodChecksum(_ block: UnsafeRawBufferPointer) -> Bool {
    guard let expected = number(block[148..<156]) else { return false }
    var sum = 0
    var negative = 0
    for byte in block {
      sum &+= Int(byte)
      negative &+= Int(byte &>> 7)
    }
    for byte in block[148..<156] {
      sum &+= Int(UInt8(ascii: " ")) &- Int(byte)
      negative &-= Int(byte &>> 7)
    }
    return expected == sum || expected == sum - 256 * negative
  }

  /// The bytes up to the first that is zero.
  private static func text(_ field: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer>
  {
    field.prefix { $0 != 0 }
  }

  /// Octal digits, or for what they cannot hold a binary number; nil for anything else.
  private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
    var value = 0
    if let first = field.first, first & 0x80 != 0 {
      // The first two bits mark the number and its sign.
      guard first & 0x40 == 0 else { return nil }
      for (index, byte) in field.enumerated() {
        guard value <= Int.max >> 8 else { return nil }
        value = value << 8 | Int(index == 0 ? byte & 0x3F : byte)
      }
      return value
    }
    let blank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == 0 }
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { !blank($0) }
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
      value = value << 3 | Int(digit - UInt8(ascii: "0"))
    }
    return value
  }
}

/// The attributes by which a pax header replaces those of the header behind it.
struct TarAttributes {
  private(set) var name: [UInt8]?
  private(set) var size: Int?
  private(set) var isSparse = false

  /// Reads lines of length, key and value; nil when they are none.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
        let length = Self.number(rest[..<space]), length <= rest.count,
        rest.startIndex + length > space + 1,
        rest[rest.startIndex + length - 1] == UInt8(ascii: "\n"),
        let equals = rest[space...].firstIndex(of: UInt8(ascii: "=")),
        equals < rest.startIndex + length
      else { return nil }
      let value = rest[(equals + 1)..<(rest.startIndex + length - 1)]
      let key = rest[(space + 1)..<equals]
      rest = rest.dropFirst(length)
      switch String(decoding: key, as: UTF8.self) {
      case "path":
        if !isSparse || name == nil { name = Array(value) }
      case "size":
        guard let number = Self.number(value) else { return nil }
        size = number
      case let key where key.hasPrefix("GNU.sparse."):
        isSparse = true
        // The path is then one that the bytes have until their holes are put back.
        if key == "GNU.sparse.name" { name = Array(value) }
      default: break
      }
    }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return nil }
    return Int(String(decoding: digits, as: UTF8.self))
  }
}
