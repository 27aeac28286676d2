import ChannelHTTP
import Testing

@Suite struct RequestBodyTests {
  @Test(arguments: [
    "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "00005\r\nhello\r\n0\r\n\r\n",
    "A\r\n0123456789\r\n0\r\n\r\n", "a;name=value;other=\"x\"\r\n0123456789\r\n0\r\n\r\n",
    "0\r\nTrailer: x\r\nAnother:\r\n\r\n", "1\r\n\n\r\n0\r\n\r\n",
  ])
  func `a chunked body ends where its framing says`(_ text: String) {
    let bytes = Array((text + "GET").utf8)
    #expect(everyWay(of: bytes, .chunked) == [.finished(bytes.count - 3)])
  }

  @Test(arguments: [
    "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "5_0\r\n", "\r\n", "-1\r\n",
    "12345678901234567\r\n", "fffffffffffffffff\r\n", "5 \r\nhello\r\n", " 5\r\nhello\r\n",
    "5\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\r\nhelloo\r\n0\r\n\r\n",
    "5\r\nhello\n0\r\n\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n", "5;\0\r\nhello\r\n0\r\n\r\n",
    "0\r\nno colon\r\n\r\n", "0\r\n: x\r\n\r\n", "0\r\nA: b\nC: d\r\n\r\n", "0\r\n\n", "5\rhello",
    "0\r\n folded: x\r\n\r\n", "0\r\nA: \0\r\n\r\n", ";a\r\n",
  ])
  func `chunk framing that two readers could take differently is refused`(_ text: String) {
    #expect(everyWay(of: Array(text.utf8), .chunked) == [.failed(.badRequest)])
  }

  @Test func `chunks count against the limit together`() {
    let text = String(repeating: "5\r\nhello\r\n", count: 30)
    #expect(everyWay(of: Array(text.utf8), .chunked) == [.failed(.contentTooLarge)])
    #expect(everyWay(of: Array("ffffffffffffff\r\n".utf8), .chunked) == [.failed(.contentTooLarge)])
  }

  @Test func `extensions and trailers are bounded`() {
    let text = "1;" + String(repeating: "x", count: 5000)
    var body = RequestBody(.chunked, limit: 100)
    #expect(body.consume(Array(text.utf8).span) == .failed(.contentTooLarge))
  }

  @Test func `a body with a length ends there`() {
    #expect(everyWay(of: Array("helloGET".utf8), .length(5)) == [.finished(5)])
    #expect(everyWay(of: Array("GET".utf8), .none) == [.finished(0)])
  }

  /// The different results of bytes that arrive whole, split anywhere, and one by one.
  private func everyWay(of bytes: [UInt8], _ framing: BodyFraming) -> Set<RequestBody.Progress> {
    var ways: [[Int]] = [[bytes.count], Array(1...bytes.count)]
    ways += (1..<bytes.count).map { [$0, bytes.count] }
    return Set(ways.map { Self.progress(of: bytes, framing, endingAt: $0) })
  }

  private static func progress(
    of bytes: [UInt8], _ framing: BodyFraming, endingAt ends: [Int]
  ) -> RequestBody.Progress {
    var body = RequestBody(framing, limit: 100)
    var start = 0
    for end in ends {
      switch body.consume(bytes.span.extracting(start..<end)) {
      case .unfinished: start = end
      case .finished(let count): return .finished(start + count)
      case .failed(let status): return .failed(status)
      }
    }
    return .unfinished
  }
}
