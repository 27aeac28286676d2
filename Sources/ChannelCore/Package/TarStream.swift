internal import Glibc

/// One pass over the members of a tar that an `Unpacker` unpacks.
///
/// Nothing is extracted: members are skipped or read into memory, within limits.
package struct TarStream: ~Copyable {
  /// The longest name or list of attributes that is read.
  private static let attributesLimit = 1 << 20

  private let unpacker: Unpacker
  private let limit: Int
  private let header: UnsafeMutableRawBufferPointer
  /// What was unpacked and not yet taken.
  private var piece = UnsafeRawBufferPointer(start: nil, count: 0)
  private var taken = 0
  /// How much of the current member is still to be taken, and of what fills its last block.
  private var remaining = 0
  private var padding = 0
  private var isSparse = false

  /// The current member's name, in the archive's own bytes; a leading `./` is left out.
  package private(set) var name: [UInt8] = []

  /// Reads a tar of at most `limit` bytes.
  package init(from unpacker: Unpacker, limit: Int) {
    self.unpacker = unpacker
    self.limit = limit
    header = .allocate(byteCount: TarHeader.size, alignment: 8)
  }

  deinit {
    header.deallocate()
  }

  /// Goes to the next regular file; false at the archive's end.
  package mutating func next() throws(ArchiveError) -> Bool {
    var longName: [UInt8]?
    var attributes: TarAttributes?
    while true {
      try skip()
      guard let header = try nextHeader() else { return false }
      let isEmpty = header.isEmpty || header.isLink && attributes == nil
      let size = isEmpty ? 0 : attributes?.size ?? header.size
      guard size <= Int.max - TarHeader.size else { throw .damaged("a member without end") }
      remaining = size
      padding = -size & (TarHeader.size - 1)
      switch header.kind {
      case .longName: longName = Array(try attributeBytes().prefix { $0 != 0 })
      case .attributes:
        attributes = TarAttributes(try attributeBytes())
        if attributes == nil { throw .damaged("unreadable attributes in the tar") }
      case .other:
        longName = nil
        attributes = nil
      case .file, .sparseFile:
        name = attributes?.name ?? longName ?? header.name
        if name.starts(with: "./".utf8) { name.removeFirst(2) }
        isSparse = header.kind == .sparseFile || attributes?.isSparse == true
        return true
      }
    }
  }

  /// All bytes of the current member.
  package mutating func contents(limit: Int) throws(ArchiveError) -> [UInt8] {
    guard !isSparse else {
      throw .damaged("\(String(decoding: name, as: UTF8.self)) is stored with holes")
    }
    return try bytes(limit: limit)
  }

  /// The bytes of what stands in for a header's fields.
  private mutating func attributeBytes() throws(ArchiveError) -> [UInt8] {
    name = Array("a header".utf8)
    return try bytes(limit: Self.attributesLimit)
  }

  private mutating func bytes(limit: Int) throws(ArchiveError) -> [UInt8] {
    guard remaining <= limit else {
      throw .limitExceeded(what: String(decoding: name, as: UTF8.self), bytes: limit)
    }
    var bytes: [UInt8] = []
    // More may be promised than is there.
    bytes.reserveCapacity(min(remaining, 1 << 16))
    while remaining > 0 {
      let part = try take(remaining)
      remaining -= part.count
      bytes += part
    }
    return bytes
  }

  // MARK: Blocks

  /// The next header; nil at the archive's end.
  private mutating func nextHeader() throws(ArchiveError) -> TarHeader? {
    let isFirst = taken == 0
    guard try fillHeader() else { return nil }
    // An empty block ends the archive, whatever follows.
    if header[0] == 0, header.allSatisfy({ $0 == 0 }) { return nil }
    guard let read = TarHeader(UnsafeRawBufferPointer(header)) else {
      throw .damaged(isFirst ? "not a tar" : "a damaged header in the tar")
    }
    if read.isContinued { try skipHoles() }
    return read
  }

  /// Passes over the blocks that say where a file's holes are.
  private mutating func skipHoles() throws(ArchiveError) {
    repeat {
      guard try fillHeader() else { throw .damaged("the tar ends within a header") }
    } while header[504] != 0
  }

  /// Takes a block; false when nothing is left at all.
  private mutating func fillHeader() throws(ArchiveError) -> Bool {
    var filled = 0
    while filled < TarHeader.size {
      guard let part = try takeAny(TarHeader.size - filled) else {
        if filled == 0 { return false }
        throw .damaged("the tar ends within a header")
      }
      UnsafeMutableRawBufferPointer(rebasing: header[filled...]).copyMemory(from: part)
      filled += part.count
    }
    return true
  }

  /// Passes over what is left of the current member, which the limit must bound here too: a few
  /// kilobytes can unpack to terabytes that nobody asked for.
  private mutating func skip() throws(ArchiveError) {
    while remaining > 0 { remaining -= try take(remaining).count }
    // Nobody misses what fills the last block of an archive that ends there.
    while padding > 0, let part = try takeAny(padding) { padding -= part.count }
    padding = 0
  }

  /// Takes up to `count` of the current member's bytes, one at least.
  private mutating func take(_ count: Int) throws(ArchiveError) -> UnsafeRawBufferPointer {
    guard let part = try takeAny(count) else {
      throw .damaged("the tar ends within \(String(decoding: name, as: UTF8.self))")
    }
    return part
  }

  /// Takes up to `count` bytes, one at least; nil when there are none.
  private mutating func takeAny(_ count: Int) throws(ArchiveError) -> UnsafeRawBufferPointer? {
    if piece.isEmpty {
      piece = try unpacker.next()
      guard !piece.isEmpty else { return nil }
    }
    let part = UnsafeRawBufferPointer(rebasing: piece.prefix(count))
    guard part.count <= limit - taken else {
      throw .limitExceeded(what: "the unpacked archive", bytes: limit)
    }
    piece = UnsafeRawBufferPointer(rebasing: piece.dropFirst(count))
    taken += part.count
    return part
  }
}
