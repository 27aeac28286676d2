import ChannelHTTP
import Support
import SystemPackage
import Testing

@Suite struct DownloadSinkTests {
  private let heard = Recorder<[String: Int]>()

  private var sink: DownloadSink {
    DownloadSink(suffixes: [".conda", ".tar.bz2"]) { [heard] downloads in
      heard.append(
        Dictionary(
          uniqueKeysWithValues: downloads.map {
            (String(decoding: $0.key, as: UTF8.self), $0.value)
          }))
    }
  }

  private func site(_ configure: (inout ServerConfiguration) -> Void = { _ in }) throws -> Site {
    let site = try Site {
      $0.downloads = sink
      configure(&$0)
    }
    for name in ["a.conda", "b+c.tar.bz2", "index.json"] {
      try site.folder.write("0123456789", to: name)
    }
    return site
  }

  /// All that was told by the time that the server is over.
  private func counts(of site: Site) -> [String: Int] {
    site.server.stop()
    return heard.values.reduce(into: [:]) { $0.merge($1) { $0 + $1 } }
  }

  @Test(arguments: [
    ("GET", "/a.conda", "", 1), ("GET", "/a.conda?x=.json", "", 1), ("GET", "/./a.%63onda", "", 1),
    ("GET", "/a.conda", "Range: bytes=0-", 1), ("GET", "/a.conda", "Range: bytes=0-3", 1),
    ("GET", "/a.conda", "Range: bytes=0-1,4-5", 1), ("GET", "/a.conda", "Range: bytes=4-5,8-", 0),
    ("GET", "/a.conda", "Range: bytes=4-", 0), ("GET", "/a.conda", "Range: bytes=-3", 0),
    ("GET", "/a.conda", "Range: bytes=20-", 0), ("GET", "/a.conda", "If-Match: \"x\"", 0),
    ("GET", "/a.conda", "If-None-Match: *", 0), ("HEAD", "/a.conda", "", 0),
    ("OPTIONS", "/a.conda", "", 0), ("PUT", "/a.conda", "", 0), ("GET", "/none.conda", "", 0),
    ("GET", "/index.json", "", 0), ("GET", "/index.json?a.conda", "", 0),
    ("GET", "/a.conda/", "", 0), ("GET", "/api/a.conda", "", 0),
  ])
  func `a file that is begun to be sent is a download, and nothing else is`(
    _ method: String, _ target: String, _ field: String, _ count: Int
  ) throws {
    let site = try site {
      $0.responders = [Responder(under: "/api") { _ in HTTPResponse(text: "x") }]
    }
    _ = try site.request(method, target, field.isEmpty ? [] : [field])
    #expect(counts(of: site) == (count == 0 ? [:] : ["/a.conda": count]))
  }

  @Test func `every download is told of once, in one packet or in many, small or large`() throws {
    let site = try site()
    try site.folder.write(String(repeating: "x", count: 300_000), to: "large.conda")
    let client = try site.connect()
    try client.send(String(repeating: "GET /a.conda HTTP/1.1\r\nHost: a\r\n\r\n", count: 40))
    for _ in 0..<40 { _ = try client.response() }
    for _ in 0..<10 { _ = try client.request("GET", "/large.conda") }
    for _ in 0..<20 { _ = try site.request("/b%2Bc.tar.bz2") }

    #expect(counts(of: site) == ["/a.conda": 40, "/large.conda": 10, "/b+c.tar.bz2": 20])
  }

  @Test func `it is told while the server runs, too`() throws {
    let site = try site()
    _ = try site.request("/a.conda")
    while heard.values.isEmpty { _ = try site.request("/index.json") }
    #expect(heard.values == [["/a.conda": 1]])
    #expect(counts(of: site) == ["/a.conda": 1])
  }

  @Test func `a token in the path is no part of what is told`() throws {
    let site = try site {
      $0.authenticator = Authenticator {
        .rewrite(path: Array($0.path.dropFirst("/t/x".utf8.count)))
      }
    }
    #expect(try site.request("/t/x/a.conda").status == 200)
    #expect(counts(of: site) == ["/a.conda": 1])
  }

  @Test func `another configuration is told of what comes after it, and none is lost`() throws {
    let site = try site()
    let client = try site.connect()
    for _ in 0..<3 { _ = try client.request("GET", "/a.conda") }
    let later = Recorder<Int>()
    var configuration = ServerConfiguration(root: site.folder.path.string)
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.downloads = DownloadSink(suffixes: [".conda"]) {
      later.append($0.values.reduce(0, +))
    }
    try site.server.reconfigure(configuration)
    for _ in 0..<2 { _ = try client.request("GET", "/a.conda") }
    #expect(counts(of: site) == ["/a.conda": 3])
    #expect(later.values.reduce(0, +) == 2)
  }
}
