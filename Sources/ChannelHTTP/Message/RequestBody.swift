/// Finds the end of a request body as its bytes arrive, and lets them go.
///
/// RFC 9112 sections 6 and 7.1. Chunk framing is read without any leniency: what two readers can
/// take differently is how requests are smuggled.
package struct RequestBody: Sendable {
  package enum Progress: Sendable, Hashable {
    /// All bytes belong to the body and more are to come.
    case unfinished
    /// The body ends after this many of the bytes.
    case finished(Int)
    case failed(Status)
  }

  private enum State {
    case data(Int)
    case size(digits: Int, value: Int)
    case extensions, sizeLineFeed
    case chunk(Int)
    case chunkReturn, chunkLineFeed
    case trailerStart, trailerName, trailerValue, trailerLineFeed, lastLineFeed
  }

  private var state: State
  /// The size of the chunk whose line is being read.
  private var pendingSize = 0
  /// Bytes of content that may still come.
  private var allowance: Int
  /// Bytes of extensions and trailers that may still come.
  private var overhead = 4096

  /// A body framed as `framing` says, of which at most `limit` bytes are put up with.
  package init(_ framing: BodyFraming, limit: Int) {
    allowance = limit
    state =
      switch framing {
      case .none: .data(0)
      case .length(let length): .data(length)
      case .chunked: .size(digits: 0, value: 0)
      }
  }

  /// Reads on, and hands out what of `bytes` is content.
  package mutating func consume(
    _ bytes: Span<UInt8>, into content: (Span<UInt8>) -> Void = { _ in }
  ) -> Progress {
    var index = 0
    do throws(Status) {
      while true {
        if case .data(let left) = state {
          guard left <= allowance else { throw Status.contentTooLarge }
          let here = min(left, bytes.count - index)
          if here > 0 { content(bytes.extracting(index..<index + here)) }
          guard left > here else { return .finished(index + here) }
          state = .data(left - here)
          allowance -= here
          return .unfinished
        }
        guard index < bytes.count else { return .unfinished }
        if case .chunk(let left) = state {
          let here = min(left, bytes.count - index)
          content(bytes.extracting(index..<index + here))
          index += here
          state = left == here ? .chunkReturn : .chunk(left - here)
          continue
        }
        let byte = bytes[index]
        index += 1
        if try advance(byte) { return .finished(index) }
      }
    } catch {
      return .failed(error)
    }
  }

  /// Takes one byte of chunk framing; true after the last one.
  private mutating func advance(_ byte: UInt8) throws(Status) -> Bool {
    switch state {
    case .data, .chunk:
      return false
    case .size(let digits, let value):
      try advanceSize(byte, digits: digits, value: value)
    case .extensions:
      if byte == ASCII.carriageReturn {
        state = .sizeLineFeed
      } else {
        guard byte.isFieldContent else { throw .badRequest }
        try spendOverhead()
      }
    case .sizeLineFeed:
      try expect(ASCII.lineFeed, byte)
      state = pendingSize == 0 ? .trailerStart : .chunk(pendingSize)
    case .chunkReturn:
      try expect(ASCII.carriageReturn, byte)
      state = .chunkLineFeed
    case .chunkLineFeed:
      try expect(ASCII.lineFeed, byte)
      state = .size(digits: 0, value: 0)
    case .trailerStart:
      if byte == ASCII.carriageReturn {
        state = .lastLineFeed
      } else {
        guard byte.isTokenCharacter else { throw .badRequest }
        state = .trailerName
      }
    case .trailerName:
      if byte == ASCII.colon {
        state = .trailerValue
      } else if !byte.isTokenCharacter {
        throw .badRequest
      }
      try spendOverhead()
    case .trailerValue:
      if byte == ASCII.carriageReturn {
        state = .trailerLineFeed
      } else if !byte.isFieldContent {
        throw .badRequest
      }
      try spendOverhead()
    case .trailerLineFeed:
      try expect(ASCII.lineFeed, byte)
      state = .trailerStart
    case .lastLineFeed:
      try expect(ASCII.lineFeed, byte)
      return true
    }
    return false
  }

  private mutating func advanceSize(_ byte: UInt8, digits: Int, value: Int) throws(Status) {
    if let digit = byte.hexValue {
      // Fifteen digits fit in an Int with room to spare.
      guard digits < 15 else { throw .badRequest }
      state = .size(digits: digits + 1, value: value << 4 | Int(digit))
      return
    }
    guard digits > 0 else { throw .badRequest }
    guard value <= allowance else { throw .contentTooLarge }
    allowance -= value
    pendingSize = value
    switch byte {
    case ASCII.carriageReturn: state = .sizeLineFeed
    case ASCII.semicolon: state = .extensions
    default: throw .badRequest
    }
    // A line costs its sender something too, or empty chunks could go on for ever.
    try spendOverhead()
  }

  private func expect(_ expected: UInt8, _ byte: UInt8) throws(Status) {
    guard byte == expected else { throw .badRequest }
  }

  private mutating func spendOverhead() throws(Status) {
    overhead -= 1
    guard overhead >= 0 else { throw .contentTooLarge }
  }
}
