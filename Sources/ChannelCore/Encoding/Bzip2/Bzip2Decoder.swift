package import SystemPackage

/// Unpacks what was packed with bzip2, one file after another, with buffers that are made once.
///
/// Blocks are read as far as their bytes are asked for, and emitted a piece at a time, so that nothing
/// is spent on what nobody wants to see. Streams that follow one another are one file; what follows
/// the last of them is left alone.
package struct Bzip2Decoder: ~Copyable {
  private static let pieceSize = 1 << 16
  private static let inputSize = 1 << 16
  private static let blockMark: UInt64 = 0x3141_5926_5359
  private static let endMark: UInt64 = 0x1772_4538_5090

  private enum State {
    case start, betweenBlocks, inBlock, atEnd
  }

  private var state = State.atEnd
  private var bits = Bzip2Bits(Bzip2Input(UnsafeRawBufferPointer(start: nil, count: 0)))
  private var block = Bzip2Block()
  private let piece: UnsafeMutableRawBufferPointer
  private var inputBuffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  private let checksum = Bzip2Checksum()
  private var blockSize = 0
  private var expectedChecksum: UInt32 = 0
  private var blockChecksum: UInt32 = 0
  private var streamChecksum: UInt32 = 0

  /// Creates a decoder for use on one thread.
  package init() {
    piece = .allocate(byteCount: Self.pieceSize, alignment: 64)
  }

  deinit {
    piece.deallocate()
    inputBuffer.deallocate()
  }

  /// Begins with other bytes, which must outlive their use.
  package mutating func open(_ bytes: UnsafeRawBufferPointer) {
    open(Bzip2Input(bytes))
  }

  /// Begins with another file, from its first byte; the descriptor must outlive its use.
  package mutating func open(_ descriptor: FileDescriptor) {
    if inputBuffer.isEmpty {
      inputBuffer = .allocate(byteCount: Self.inputSize, alignment: 64)
    }
    open(Bzip2Input(descriptor, through: inputBuffer))
  }

  private mutating func open(_ input: Bzip2Input) {
    bits = Bzip2Bits(input)
    block.clear()
    state = .start
  }

  /// The next bytes, good until the next call; none at the end.
  ///
  /// A block that fits into one piece is checked before any of it is handed out.
  package mutating func next() throws(Bzip2Error) -> UnsafeRawBufferPointer {
    do throws(Bzip2Error) {
      while true {
        switch state {
        case .start: try beginStream(isFirst: true)
        case .betweenBlocks: try beginBlock()
        case .inBlock:
          let bytes = try emit()
          if !bytes.isEmpty { return bytes }
        case .atEnd: return UnsafeRawBufferPointer(start: nil, count: 0)
        }
      }
    } catch {
      state = .atEnd
      throw error
    }
  }

  private mutating func beginStream(isFirst: Bool) throws(Bzip2Error) {
    let magic = try bits.has(32) ? try bits.read(32) : 0
    let level = Int(magic & 0xFF) - 0x30
    guard magic >> 8 == 0x425A68, (1...9).contains(level) else {
      if isFirst { throw .notBzip2 }
      state = .atEnd
      return
    }
    blockSize = level * 100_000
    block.reserve(blockSize)
    streamChecksum = 0
    state = .betweenBlocks
  }

  private mutating func beginBlock() throws(Bzip2Error) {
    let mark = UInt64(try bits.read(24)) << 24 | UInt64(try bits.read(24))
    expectedChecksum = try bits.read(32)
    switch mark {
    case Self.blockMark:
      try block.read(from: &bits, limit: blockSize)
      blockChecksum = .max
      state = .inBlock
    case Self.endMark:
      guard expectedChecksum == streamChecksum else { throw .malformed(.streamChecksum) }
      bits.align()
      try beginStream(isFirst: false)
    default:
      throw .malformed(.blockMark)
    }
  }

  private mutating func emit() throws(Bzip2Error) -> UnsafeRawBufferPointer {
    let count = try block.emit(into: piece)
    let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
    blockChecksum = checksum.extending(blockChecksum, over: bytes)
    if block.isAtEnd {
      guard ~blockChecksum == expectedChecksum else { throw .malformed(.blockChecksum) }
      streamChecksum = (streamChecksum << 1 | streamChecksum >> 31) ^ expectedChecksum
      state = .betweenBlocks
    }
    return bytes
  }
}
