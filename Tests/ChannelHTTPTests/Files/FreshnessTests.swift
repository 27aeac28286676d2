import ChannelHTTP
import Foundation
import Support
import SystemPackage
import Testing

/// Whatever is kept for speed, an answer is never older than the request.
@Suite struct FreshnessTests {
  private let site: Site
  private let client: HTTPClient

  init() throws {
    site = try Site()
    try site.folder.write("old", to: "a/b/f")
    client = try site.connect()
  }

  private func text(_ path: String) throws -> String {
    let response = try client.request("GET", path)
    return response.status == 200 ? response.text : "\(response.status)"
  }

  @Test func `a file replaced again and again is served new each time`() throws {
    for round in 0..<100 {
      try site.folder.replace("a/b/f", with: "\(round)")
      #expect(try text("/a/b/f") == "\(round)")
    }
  }

  @Test func `a file written in place is served new`() throws {
    #expect(try text("/a/b/f") == "old")
    try site.folder.write("new", to: "a/b/f")
    #expect(try text("/a/b/f") == "new")
  }

  @Test func `a file that appears is found, and one that goes is missing`() throws {
    for _ in 0..<20 {
      #expect(try text("/a/b/g") == "404")
      try site.folder.write("x", to: "a/b/g")
      #expect(try text("/a/b/g") == "x")
      site.folder.remove("a/b/g")
    }
  }

  @Test func `a file in a folder that appears later is found`() throws {
    #expect(try text("/x/y/f") == "404")
    try site.folder.makeFolder("x")
    #expect(try text("/x/y/f") == "404")
    try site.folder.write("here", to: "x/y/f")
    #expect(try text("/x/y/f") == "here")
  }

  @Test func `a folder that takes another's place brings its files`() throws {
    try site.folder.write("other", to: "other/b/f")
    #expect(try text("/a/b/f") == "old")
    try site.folder.rename("a", to: "gone")
    #expect(try text("/a/b/f") == "404")
    try site.folder.rename("other", to: "a")
    #expect(try text("/a/b/f") == "other")
    try site.folder.replace("a/b/f", with: "newer")
    #expect(try text("/a/b/f") == "newer")
  }

  @Test func `a link that is turned elsewhere is followed there`() throws {
    try site.folder.write("one", to: "one/f")
    try site.folder.write("two", to: "two/f")
    try site.folder.link("link", to: "one")
    #expect(try text("/link/f") == "one")
    try site.folder.link("link.new", to: "two")
    try site.folder.rename("link.new", to: "link")
    #expect(try text("/link/f") == "two")
    try site.folder.replace("two/f", with: "2")
    #expect(try text("/link/f") == "2")
    site.folder.remove("link")
    try site.folder.link("link", to: "../../etc")
    #expect(try text("/link/passwd") == "404")
  }

  @Test func `a folder's link that turns into a file is one`() throws {
    #expect(try client.request("GET", "/a/b").status == 301)
    site.folder.remove("a/b")
    try site.folder.write("file", to: "a/b")
    #expect(try text("/a/b") == "file")
    #expect(try text("/a/b/") == "404")
    #expect(try text("/a/b/f") == "404")
  }

  @Test func `an index file comes and goes`() throws {
    #expect(try text("/a/b/").contains("href=\"f\""))
    try site.folder.write("home", to: "a/b/index.html")
    #expect(try text("/a/b/") == "home")
    site.folder.remove("a/b/index.html")
    #expect(try text("/a/b/").contains("href=\"f\""))
  }

  @Test func `a listing shows what is there`() throws {
    #expect(try !text("/a/b/").contains("href=\"g\""))
    try site.folder.write("x", to: "a/b/g")
    #expect(try text("/a/b/").contains("href=\"g\""))
    try site.folder.write("xxxxxxx", to: "a/b/g")
    #expect(try text("/a/b/?format=json").contains("\"size\":7"))
    site.folder.remove("a/b/g")
    #expect(try !text("/a/b/").contains("href=\"g\""))
  }

  @Test func `a packed sibling comes and goes`() throws {
    try site.folder.write("plain", to: "repodata.json")
    let zstd = ["Accept-Encoding: zstd"]
    #expect(try client.request("GET", "/repodata.json", zstd).text == "plain")
    try site.folder.write("packed", to: "repodata.json.zst")
    #expect(try client.request("GET", "/repodata.json", zstd).text == "packed")
    site.folder.remove("repodata.json.zst")
    #expect(try client.request("GET", "/repodata.json", zstd).text == "plain")
  }

  @Test func `a tag changes with every replacement, however quick and alike`() throws {
    var tags: Set<String> = []
    for _ in 0..<100 {
      try site.folder.replace("a/b/f", with: "same")
      tags.insert(try client.request("HEAD", "/a/b/f")["etag"] ?? "")
    }
    #expect(tags.count == 100)
  }

  @Test func `a response under way keeps the file that it began with`() throws {
    try site.folder.write([UInt8](repeating: 1, count: 6_000_000), to: "large")
    let slow = try site.connect(receiveBuffer: 8192)
    try slow.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    let head = try slow.responseHead()
    try site.folder.replace("large", with: String(repeating: "2", count: 6_000_000))
    #expect(try client.request("GET", "/large").body.first == 0x32)
    let body = try slow.body(of: head)

    #expect(body.count == 6_000_000)
    #expect(body.allSatisfy { $0 == 1 })
  }

  @Test func `a response under way outlives its place among the files kept open`() throws {
    let site = try Site()
    let content = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 / 255) }
    try site.folder.write(content, to: "large")
    let client = try site.connect(receiveBuffer: 16_384)
    try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    let head = try client.responseHead()
    let other = try site.connect()
    for index in 0..<600 {
      try site.folder.write([UInt8](repeating: 1, count: 66_000), to: "f\(index)")
      _ = try other.request("HEAD", "/f\(index)")
    }

    #expect(try client.body(of: head).count == content.count)
  }

  @Test func `a large file that is deleted is let go of, though nobody asks for it again`() throws {
    let site = try Site()
    try site.folder.write([UInt8](repeating: 1, count: 100_000), to: "large")
    let client = try site.connect()
    _ = try client.request("HEAD", "/large")
    #expect(Self.isOpen("\(site.folder.path)/large"))
    site.folder.remove("large")

    // Ends by the limit of time that the whole suite has if it never happens.
    while Self.isOpen("\(site.folder.path)/large (deleted)") {
      _ = try client.waitsForInput(milliseconds: 50)
    }
  }

  private static func isOpen(_ path: String) -> Bool {
    let links = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return links.contains {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
    }
  }

  @Test func `a file cut short while it is sent ends the connection`() throws {
    try site.folder.write([UInt8](repeating: 1, count: 16_000_000), to: "large")
    let slow = try site.connect(receiveBuffer: 8192)
    try slow.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    _ = try slow.responseHead()
    try site.folder.resize("large", to: 10)

    // The client was promised more, so the cut tells it that something is wrong.
    #expect(try slow.readToEnd().count < 16_000_000)
    #expect(try client.request("GET", "/large").body.count == 10)
  }

  @Test func `a file that grows while it is sent is sent as long as it was`() throws {
    try site.folder.write([UInt8](repeating: 1, count: 6_000_000), to: "large")
    let slow = try site.connect(receiveBuffer: 8192)
    try slow.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    let head = try slow.responseHead()
    try site.folder.resize("large", to: 7_000_000)

    #expect(try slow.body(of: head).count == 6_000_000)
    #expect(try slow.request("GET", "/large").body.count == 7_000_000)
  }

  @Test func `new connections and pipelined requests see what is new, too`() throws {
    for round in 0..<50 {
      try site.folder.replace("a/b/f", with: "\(round)")
      #expect(try site.request("/a/b/f").text == "\(round)")
    }
    try client.send("GET /a/b/f HTTP/1.1\r\nHost: a\r\n\r\nGET /a/b/f HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try [client.response().text, client.response().text] == ["49", "49"])
  }

  @Test func `a root that takes another's place is served within seconds`() throws {
    let outer = try TemporaryDirectory()
    try outer.write("one", to: "root/f")
    try outer.write("two", to: "next/f")
    var configuration = ServerConfiguration(root: outer.path.appending("root").string)
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    let server = try HTTPServer(configuration)
    defer { server.stop() }
    let client = try HTTPClient(port: server.port)
    #expect(try client.request("GET", "/f").text == "one")
    try outer.rename("root", to: "old")
    try outer.rename("next", to: "root")
    // Each request takes the server through one more turn; the root is looked at once a second.
    var text = ""
    for _ in 0..<2_000_000 where text != "two" { text = try client.request("GET", "/f").text }

    #expect(text == "two")
  }

  @Test func `more files than are kept are served all the same`() throws {
    // Each of them is kept open, of which there is a limit.
    for index in 0..<600 {
      try site.folder.write("\(index)", to: "many/\(index)")
      try site.folder.resize("many/\(index)", to: 70_000)
    }
    for _ in 0..<2 {
      for index in 0..<600 {
        let body = try client.request("GET", "/many/\(index)").body
        #expect(body.count == 70_000 && body.starts(with: "\(index)".utf8))
      }
    }
  }
}
