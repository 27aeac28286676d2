import Support
import SystemPackage
import Testing

@testable import ChannelHTTP

@Suite struct PaceTests {
  /// The pace of a client for which two megabytes were sent a while ago.
  private static func started() -> Pace {
    var pace = Pace()
    _ = pace.note(sent: 2_000_000, now: 10_000)
    return pace
  }

  @Test func `a client that takes a mebibyte within a second keeps up`() {
    var pace = Self.started()
    let early = pace.note(sent: 2_500_000, now: 10_100)
    let then = pace.note(sent: 3_100_000, now: 10_900)
    #expect(!early && then)
  }

  @Test func `a client that takes longer does not, until it is faster`() {
    var pace = Self.started()
    let slow = pace.note(sent: 4_000_000, now: 11_000)
    let fast = pace.note(sent: 6_000_000, now: 11_999)
    #expect(!slow && fast)
  }

  @Test func `what is known is not told twice`() {
    var pace = Self.started()
    let first = pace.note(sent: 4_000_000, now: 10_001)
    let second = pace.note(sent: 8_000_000, now: 10_002)
    #expect(first && !second)
  }

  @Test func `the kernel holds little for a client that reads nothing`() throws {
    let site = try Site()
    try site.folder("large").write([UInt8](repeating: 1, count: 16_000_000))
    try site.folder("small").write("small")
    let reader = try site.connect(receiveBuffer: 4096)
    try reader.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    // There is one loop, and it has had the reader's turn before this one.
    #expect(try site.request("/small").text == "small")
    let held = try #require(try Self.held(by: site.server.port))
    #expect(held > 0 && held < 512 * 1024)
  }

  /// The most bytes that the kernel holds for a connection to `port`.
  private static func held(by port: UInt16) throws -> Int? {
    try FilePath("/proc/net/tcp").readText().split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: " ")
      let local = fields[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
      guard local == port else { return nil }
      return fields[4].split(separator: ":").first.flatMap { Int($0, radix: 16) }
    }.max()
  }
}
