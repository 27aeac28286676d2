import ChannelHTTP
import Support
import Testing

@Suite struct ExpectationSinkTests {
  private let heard = Recorder<String>()

  private func visit(_ requests: [(target: String, fields: [String])]) throws -> [String] {
    let site = try Site {
      $0.expectations = ExpectationSink { [heard] path, digest in
        heard.append(
          "\(String(decoding: path, as: UTF8.self)) \(String(decoding: digest, as: UTF8.self))")
      }
    }
    try site.folder.write("hello", to: "a+b")
    for request in requests { _ = try site.request(request.target, request.fields) }
    // All that was handed to the pool is done when it is over.
    site.server.stop()
    return heard.values
  }

  @Test func `what a client expects is told with the decoded path`() throws {
    #expect(try visit([("/%61+b?x", ["X-Expected-SHA256: 00ff"])]) == ["/a+b 00ff"])
  }

  @Test func `nothing is told of files that are not there, nor where nothing is expected`() throws {
    let field = "x-expected-sha256: 00ff"
    #expect(try visit([("/none", [field]), ("/a+b", []), ("/a+b", [field, field])]).isEmpty)
  }
}
