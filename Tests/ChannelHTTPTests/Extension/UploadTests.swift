import ChannelHTTP
import Dispatch
import Support
import Synchronization
import Testing

/// What receivers have been told.
private final class Records: Sendable {
  struct State {
    var pieces: [[UInt8]] = []
    var finished = 0
    var abandoned = 0
    var asked = 0
  }

  let state = Mutex(State())
  /// Signalled at each piece.
  let taken = DispatchSemaphore(value: 0)
  /// Signalled when an upload is over.
  let over = DispatchSemaphore(value: 0)

  var content: [UInt8] { state.withLock { Array($0.pieces.joined()) } }
  var abandoned: Int { state.withLock { $0.abandoned } }
  var finished: Int { state.withLock { $0.finished } }
  var asked: Int { state.withLock { $0.asked } }
}

private struct Receiver: UploadReceiver {
  let records: Records
  /// Waited for at each piece.
  var gate: DispatchSemaphore?
  /// The piece that is too much.
  var refusesAfter = Int.max
  /// Takes what answers, to be done when the test wants it.
  var answering: Answering?
  private var count = 0

  init(_ records: Records, gate: DispatchSemaphore? = nil, refusesAfter: Int = .max) {
    self.records = records
    self.gate = gate
    self.refusesAfter = refusesAfter
  }

  mutating func receive(_ piece: [UInt8]) -> HTTPResponse? {
    records.state.withLock { $0.pieces.append(piece) }
    records.taken.signal()
    gate?.wait()
    count += piece.count
    return count > refusesAfter ? HTTPResponse(422, text: "enough") : nil
  }

  mutating func finish(_ answer: @escaping @Sendable (HTTPResponse) -> Void) {
    records.state.withLock { $0.finished += 1 }
    records.over.signal()
    let response = HTTPResponse(201, text: "\(count)")
    guard let answering else { return answer(response) }
    answering.later.withLock { $0 = { answer(response) } }
    answering.isReady.signal()
  }

  mutating func abandon() {
    records.state.withLock { $0.abandoned += 1 }
    records.over.signal()
  }
}

/// An answer that a test gives when it likes.
private final class Answering: Sendable {
  let later = Mutex<(@Sendable () -> Void)?>(nil)
  let isReady = DispatchSemaphore(value: 0)
}

@Suite struct UploadTests {
  private let records = Records()

  private func site(
    limit: Int = 64 << 20, gate: DispatchSemaphore? = nil, refusesAfter: Int = .max,
    _ configure: (inout ServerConfiguration) -> Void = { _ in }
  ) throws -> Site {
    let records = records
    let site = try Site {
      $0.uploads = [
        UploadRoute(under: "/up", limit: limit) { request in
          records.state.withLock { $0.asked += 1 }
          if request.pathText.hasSuffix("refused") { return .refuse(HTTPResponse(409, text: "no")) }
          return .receive(Receiver(records, gate: gate, refusesAfter: refusesAfter))
        }
      ]
      configure(&$0)
    }
    try site.folder.write("x", to: "f")
    return site
  }

  private func put(_ path: String, _ fields: String) -> String {
    "PUT \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"
  }

  private static let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 253) }

  private static func chunked(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + 70_001)
      text += Array("\(String(end - start, radix: 16))\r\n".utf8) + bytes[start..<end]
      text += Array("\r\n".utf8)
      start = end
    }
    return text + Array("0\r\n\r\n".utf8)
  }

  @Test(arguments: [true, false])
  func `an upload arrives whole, and the next request is answered`(_ isChunked: Bool) throws {
    let site = try site()
    let client = try site.connect()
    let (fields, body) =
      isChunked
      ? ("Transfer-Encoding: chunked", Self.chunked(Self.content))
      : ("Content-Length: \(Self.content.count)", Self.content)
    try client.send(Array(put("/up/a", fields).utf8) + body)
    try client.send("GET /f HTTP/1.1\r\nHost: a\r\n\r\n")
    let response = try client.response()

    #expect(response.status == 201)
    #expect(response.text == "\(Self.content.count)")
    #expect(records.content == Self.content)
    #expect(try client.response().text == "x")
    #expect((records.finished, records.abandoned) == (1, 0))
  }

  @Test func `requests in one packet with a body are all answered in order`() throws {
    let site = try site()
    let client = try site.connect()
    let get = "GET /f HTTP/1.1\r\nHost: a\r\n\r\n"
    try client.send(
      get + put("/up/a", "Content-Length: 5") + "hello" + get
        + put("/up/b", "Transfer-Encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n" + get)

    let texts = try (0..<5).map { _ in try client.response().text }
    #expect(texts == ["x", "5", "x", "3", "x"])
    #expect(records.content == Array("helloabc".utf8))
  }

  @Test func `an answer may be made later, elsewhere, and once`() throws {
    let (answering, records) = (Answering(), records)
    let site = try Site {
      $0.workers = 1
      $0.uploads = [
        UploadRoute(under: "/up", limit: 100) { _ in
          var receiver = Receiver(records)
          receiver.answering = answering
          return .receive(receiver)
        },
        UploadRoute(under: "/other", limit: 100) { _ in .refuse(HTTPResponse(409, text: "no")) },
      ]
    }
    let client = try site.connect()
    try client.send(put("/up/a", "Content-Length: 5") + "hello")
    answering.isReady.wait()
    // The one thread of the pool is free meanwhile.
    #expect(try site.request("PUT", "/other").status == 409)
    #expect(try !client.waitsForInput(milliseconds: 1))
    let answer = try #require(answering.later.withLock { $0 })
    answer()
    answer()
    #expect(try client.response().text == "5")
    try client.send(put("/other/a", "Content-Length: 0"))
    #expect(try client.response().text == "no")
  }

  @Test(arguments: ["Content-Length: 0", "Transfer-Encoding: chunked"])
  func `an upload of nothing is an upload`(_ fields: String) throws {
    let site = try site()
    let client = try site.connect()
    try client.send(put("/up/a", fields) + (fields.contains("chunked") ? "0\r\n\r\n" : ""))
    #expect(try client.response().text == "0")
    #expect(records.content.isEmpty)
  }

  @Test func `a client that asks first is told to go on once the receiver agrees`() throws {
    let gate = DispatchSemaphore(value: 0)
    let records = records
    let site = try Site {
      $0.uploads = [
        UploadRoute(under: "/up", limit: 100) { _ in
          gate.wait()
          return .receive(Receiver(records))
        }
      ]
    }
    let client = try site.connect()
    try client.send(put("/up/a", "Expect: 100-continue\r\nContent-Length: 5"))
    #expect(try !client.waitsForInput(milliseconds: 50))
    gate.signal()
    #expect(try client.responseHead().status == 100)
    try client.send("hello")
    #expect(try client.response().text == "5")
  }

  @Test func `a client that asks first is refused without sending`() throws {
    let site = try site()
    let client = try site.connect()
    try client.send(put("/up/refused", "Expect: 100-continue\r\nContent-Length: 5"))
    let response = try client.response()

    #expect(response.status == 409)
    #expect(response["connection"] == "close")
  }

  @Test func `a refusal is read by a client that goes on sending`() throws {
    let site = try site()
    let client = try site.connect()
    try client.send(put("/up/refused", "Content-Length: 2000000"))
    try client.send([UInt8](repeating: 0, count: 2_000_000))
    #expect(try client.response().text == "no")
    #expect(records.content.isEmpty)
  }

  @Test func `a receiver can end an upload in the middle`() throws {
    let site = try site(refusesAfter: 1000)
    let client = try site.connect()
    try client.send(put("/up/a", "Content-Length: 2000000"))
    try client.send([UInt8](repeating: 0, count: 2_000_000))
    let response = try client.response()

    #expect(response.status == 422)
    #expect(response["connection"] == "close")
    #expect((records.finished, records.abandoned) == (0, 0))
  }

  @Test func `a body beyond the limit is refused, and its receiver told`() throws {
    let site = try site(limit: 1000)
    #expect(try site.status(ofRaw: put("/up/a", "Content-Length: 1001")) == 413)
    #expect(records.asked == 0)

    let client = try site.connect()
    try client.send(put("/up/a", "Transfer-Encoding: chunked") + "3e9\r\n")
    #expect(try client.response().status == 413)
    records.over.wait()
    #expect((records.finished, records.abandoned) == (0, 1))
  }

  @Test(arguments: ["Transfer-Encoding: chunked", "Content-Length: 100"])
  func `an upload that is broken off is abandoned`(_ fields: String) throws {
    let site = try site()
    do {
      let client = try site.connect()
      try client.send(put("/up/a", fields) + "5\r\nhello")
      records.taken.wait()
    }
    records.over.wait()
    #expect((records.finished, records.abandoned) == (0, 1))
    #expect(try site.request("/f").text == "x")
  }

  @Test func `an upload broken off while its receiver is busy is abandoned after that`() throws {
    let gate = DispatchSemaphore(value: 0)
    let site = try site(gate: gate)
    do {
      let client = try site.connect()
      try client.send(put("/up/a", "Content-Length: 100") + "hello")
      records.taken.wait()
    }
    #expect(try site.request("/f").text == "x")
    #expect(records.abandoned == 0)
    gate.signal()
    records.over.wait()
    #expect(records.abandoned == 1)
  }

  @Test func `a broken chunk ends the upload`() throws {
    let site = try site()
    let client = try site.connect()
    try client.send(put("/up/a", "Transfer-Encoding: chunked") + "5\r\nhelloX")
    #expect(try client.response().status == 400)
    records.over.wait()
    #expect((records.finished, records.abandoned) == (0, 1))
  }

  @Test func `a slow receiver holds its client back and nobody else`() throws {
    let gate = DispatchSemaphore(value: 0)
    let site = try site(gate: gate)
    let client = try site.connect()
    let size = 32 << 20
    let request = put("/up/a", "Content-Length: \(size)")
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) let sender = client
    let sending = try Background {
      try? sender.send(request)
      try? sender.send([UInt8](repeating: 7, count: size))
      done.signal()
    }
    records.taken.wait()
    // Each of these gives the loop a chance to read more than it should.
    for _ in 0..<200 { #expect(try site.request("/f").text == "x") }
    #expect(done.wait(timeout: .now()) == .timedOut, "the client is not read")
    for _ in 0..<100_000 { gate.signal() }
    done.wait()
    sending.wait()

    #expect(try client.response().text == "\(size)")
    let largest = records.state.withLock { $0.pieces.map(\.count).max() ?? 0 }
    #expect(largest <= 400_000)
  }

  @Test func `an upload that stops coming is answered 408 and abandoned`() throws {
    let site = try site { $0.limits.bodyTimeout = .milliseconds(300) }
    let client = try site.connect()
    try client.send(put("/up/a", "Content-Length: 100") + "hello")
    #expect(try client.response().status == 408)
    records.over.wait()
    #expect(records.abandoned == 1)
  }

  @Test func `stopping lets an upload finish, and abandons what does not`() throws {
    let site = try site()
    let client = try site.connect()
    try client.send(put("/up/a", "Content-Length: 10") + "hello")
    records.taken.wait()
    let server = site.server
    let stop = try Background { server.stop() }
    try client.send("world")
    #expect(try client.response().text == "10")
    stop.wait()

    let other = try self.site()
    let stuck = try other.connect()
    try stuck.send(put("/up/a", "Content-Length: 10") + "hello")
    // The second of the first upload's pieces, and this one.
    records.taken.wait()
    records.taken.wait()
    other.server.stop(drainTimeout: .zero)
    #expect((records.finished, records.abandoned) == (1, 1))
  }

  @Test func `stopping abandons an upload though no thread is free for it`() throws {
    let (begun, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let site = try site {
      $0.workers = 1
      $0.responders = [
        Responder(under: "/stuck", on: .pool) { _ in
          begun.signal()
          gate.wait()
          return HTTPResponse()
        }
      ]
    }
    let client = try site.connect()
    try client.send(put("/up/a", "Content-Length: 10") + "hello")
    records.taken.wait()
    let other = try site.connect()
    try other.send("GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n")
    begun.wait()
    site.server.stop(drainTimeout: .zero)

    #expect((records.finished, records.abandoned) == (0, 1))
    gate.signal()
  }

  @Test func `a path with uploads says so in Allow`() throws {
    let site = try site()
    #expect(try site.request("DELETE", "/up/a")["allow"] == "GET, HEAD, OPTIONS, PUT")
    #expect(try site.request("PUT", "/f")["allow"] == "GET, HEAD, OPTIONS")
  }
}
