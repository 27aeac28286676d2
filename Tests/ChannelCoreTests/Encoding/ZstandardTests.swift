import ChannelCore
import Support
import Testing

@Suite struct ZstandardTests {
  /// Text that compresses, and noise that does not, long enough for several jobs of a worker.
  enum Document: CaseIterable {
    case empty, byte, text, zeros, noise, large

    var bytes: [UInt8] {
      switch self {
      case .empty: []
      case .byte: [7]
      case .text: Array("{\"packages\":{}}".utf8)
      case .zeros: Array(repeating: 0, count: 70_000)
      case .noise: Self.noise(count: 300)
      case .large: Self.blocks
      }
    }

    private static let blocks = {
      let block = noise(count: 30_000)
      return (0..<150).reduce(into: [UInt8]()) { bytes, _ in bytes.append(contentsOf: block) }
    }()

    private static func noise(count: Int) -> [UInt8] {
      var state: UInt32 = 1
      return (0..<count).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        // Only some bits, so that there is something to compress.
        return UInt8(truncatingIfNeeded: state >> 24) & 0x3F
      }
    }
  }

  @Test(arguments: Document.allCases)
  func `a frame unpacks to what went in and says how large that is`(kind: Document) throws {
    let document = kind.bytes
    let frame = try ZstandardCompressor().frame(of: document, .shard)
    #expect(try ZstandardFrame.contents(of: frame) == document)
    #expect(declaredSize(of: frame) == document.count)
  }

  @Test(arguments: Document.allCases)
  func `the number of threads changes no byte`(kind: Document) throws {
    let document = kind.bytes
    let compressor = ZstandardCompressor()
    let frames = try [1, 2, 4].map { try compressor.frame(of: document, .document, threads: $0) }
    #expect(frames[0] == frames[1])
    #expect(frames[0] == frames[2])
    #expect(declaredSize(of: frames[0]) == document.count)
    #expect(try ZstandardFrame.contents(of: frames[0]) == document)
  }

  @Test func `one compressor makes the same frame again after others of other kinds`() throws {
    let compressor = ZstandardCompressor()
    let document = Document.noise.bytes
    let first = try compressor.frame(of: document, .shard)
    _ = try compressor.frame(of: [1, 2, 3], .document, threads: 2)
    #expect(try compressor.frame(of: document, .shard) == first)
  }

  /// RFC 8878 §3.1.1.1: the frame header's content size, nil when it is left out.
  private func declaredSize(of frame: [UInt8]) -> Int? {
    guard frame.starts(with: [0x28, 0xB5, 0x2F, 0xFD]), frame.count > 5
    else { return nil }
    let descriptor = frame[4]
    let isSingleSegment = descriptor & 0x20 != 0
    let dictionaryBytes = [0, 1, 2, 4][Int(descriptor & 3)]
    let sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
    guard sizeBytes > 0 else { return nil }
    let start = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes
    let value = frame[start..<(start + sizeBytes)].reversed().reduce(0) { $0 << 8 | Int($1) }
    return sizeBytes == 2 ? value + 256 : value
  }
}
