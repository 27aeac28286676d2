import ChannelHTTP
import Dispatch
import Support
import Testing

@Suite struct AccessLogSinkTests {
  @Test(arguments: AccessLogFormat.allCases)
  func `a sink gets every line, whole`(_ format: AccessLogFormat) throws {
    let log = LineCollector()
    let site = try Site {
      $0.accessLog = .sink(AccessLogSink(log.add))
      $0.accessLogFormat = format
    }
    try site.folder.write("x", to: "f")
    let client = try site.connect()
    for _ in 0..<300 { _ = try client.request("GET", "/f") }
    site.server.stop()

    #expect(log.lines.count == 300)
    #expect(log.lines.allSatisfy { $0.contains("/f") && $0.contains("127.0.0.1") })
  }

  @Test func `stopping waits no longer than told for a sink that is stuck`() throws {
    let gate = DispatchSemaphore(value: 0)
    let site = try Site { $0.accessLog = .sink(AccessLogSink { _ in gate.wait() }) }
    _ = try site.request("/")
    site.server.stop(drainTimeout: .zero)
    gate.signal()
  }
}
