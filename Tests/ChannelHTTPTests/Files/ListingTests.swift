import ChannelHTTP
import Foundation
import Support
import Testing

@Suite struct ListingTests {
  private let site: Site

  init() throws {
    site = try Site()
  }

  static let awkwardNames: [[UInt8]] = [
    Array("colon:name".utf8), Array("javascript:alert(1)".utf8), Array("a?b".utf8),
    Array("a#b".utf8), Array("%41".utf8), Array("a\nb".utf8), Array("a b".utf8),
    Array("<script>".utf8), Array("\"quoted\"".utf8), Array("'single'".utf8), Array("a&amp;b".utf8),
    Array("a\\b".utf8), Array("1!2.0+local".utf8), Array("ünïcode".utf8), [0xFF, 0xFE, 0x41],
    [UInt8](repeating: 0x61, count: 255), Array("a;b".utf8), Array("~tilde".utf8), [0x07, 0x1B],
  ]

  @Test(arguments: awkwardNames) func `every link leads to the very file`(_ name: [UInt8]) throws {
    try site.folder.write(Array("it".utf8), toBytes: name)
    let page = try site.request("/").text
    let link = try #require(page.links.last)

    #expect(page.links.count == 4, "three columns and the file")
    #expect(!link.contains(":") && !link.contains("\"") && !link.contains("<"))
    #expect(try site.request("/" + link).text == "it")
  }

  @Test func `no name can write to the page`() throws {
    try site.folder.write("x", to: "<img src=x onerror=alert(1)>")
    try site.folder.write("x", to: "<u>/f")

    #expect(try !site.request("/").text.contains("<img"))
    #expect(try !site.request("/%3Cu%3E/").text.contains("<u>"))
  }

  @Test func `directories come first, end in a slash, and lead back`() throws {
    try site.folder.write("x", to: "a")
    try site.folder.makeFolder("z")

    #expect(try site.request("/").text.links.suffix(2) == ["z/", "a"])
    #expect(try site.request("/z/").text.links.last == "../")
    #expect(try !site.request("/").text.links.contains("../"))
  }

  @Test func `hidden files, pipes and links that lead out are not listed`() throws {
    try site.folder.write("x", to: ".hidden")
    try site.folder.write("x", to: "f")
    try site.folder.makePipe("pipe")
    try site.folder.link("dangling", to: "nothing")
    try site.folder.link("out", to: "/etc/passwd")
    try site.folder.link("in", to: "f")

    #expect(try site.request("/").text.links.suffix(2) == ["f", "in"])
    #expect(try site.request("/").text.links.count == 5)
  }

  @Test(arguments: [
    ("sort=name", ["a", "b", "c"]), ("sort=name&order=desc", ["c", "b", "a"]),
    ("sort=size", ["b", "c", "a"]), ("sort=size&order=desc", ["a", "c", "b"]),
    ("sort=time", ["c", "a", "b"]), ("sort=time&order=desc", ["b", "a", "c"]),
    ("sort=nonsense&x=y", ["a", "b", "c"]),
  ])
  func `a listing is sorted as asked`(_ query: String, _ names: [String]) throws {
    for (name, size, time) in [("a", 3, 2), ("b", 1, 3), ("c", 2, 1)] {
      try site.folder.write(String(repeating: "x", count: size), to: name)
      try site.folder.setModified(name, seconds: time)
    }

    #expect(try site.request("/?\(query)").text.links.suffix(3) == names)
  }

  @Test func `programs get JSON`() throws {
    try site.folder.write("xyz", to: "a\"\\\n\u{1}")
    try site.folder.setModified("a\"\\\n\u{1}", seconds: 784_111_777)
    try site.folder.makeFolder("d")
    let response = try site.request("/?format=json")
    let entries = try #require(
      JSONSerialization.jsonObject(with: Data(response.body)) as? [[String: Any]])

    #expect(response["content-type"] == "application/json")
    #expect(entries.map { $0["name"] as? String } == ["d", "a\"\\\n\u{1}"])
    #expect(entries.map { $0["type"] as? String } == ["directory", "file"])
    #expect(entries.map { $0["size"] as? Int } == [nil, 3])
    #expect(entries[1]["mtime"] as? String == "Sun, 06 Nov 1994 08:49:37 GMT")
  }

  @Test(arguments: [
    ("application/json", true), ("text/html;q=0.5, application/json", true),
    ("application/json;q=0.5, text/html", false), ("*/*", false), ("text/*, */*;q=0.1", false),
    ("application/json;q=0", false), ("application/json, */*", false),
  ])
  func `whoever would rather have JSON gets it`(_ accepted: String, _ isJSON: Bool) throws {
    try site.folder.write("x", to: "f")
    let response = try site.request("/", ["Accept: \(accepted)"])

    #expect((response["content-type"] == "application/json") == isJSON)
    #expect(response["vary"] == "Accept, Accept-Encoding")
    #expect(try site.request("/?format=html", ["Accept: \(accepted)"]).text.contains("<html"))
  }

  @Test func `an index file is shown whatever is accepted`() throws {
    try site.folder.write("home", to: "index.html")
    #expect(try site.request("/", ["Accept: application/json"]).text == "home")
  }

  @Test func `a long listing is made once, gzipped, and 304 from then on`() throws {
    for index in 0..<600 { try site.folder.write([], to: "many/package-\(index)") }
    let client = try site.connect()
    let plain = try client.request("GET", "/many/")
    let packed = try client.request("GET", "/many/", ["Accept-Encoding: gzip"])
    let tag = try #require(packed["etag"])

    #expect(packed["content-encoding"] == "gzip")
    #expect(packed.body.count < plain.body.count / 3)
    #expect(tag != plain["etag"])
    let fields = ["Accept-Encoding: gzip", "If-None-Match: \(tag)"]
    #expect(try client.request("GET", "/many/", fields).status == 304)
    #expect(try client.request("HEAD", "/many/", ["Accept-Encoding: gzip"])["etag"] == tag)
  }

  @Test func `requests sent behind one for a long listing wait for their turn`() throws {
    for index in 0..<600 { try site.folder.write([], to: "many/\(index)") }
    let clients = try (0..<4).map { _ in try site.connect() }
    for client in clients {
      for path in ["/many/", "/many/0"] {
        try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
      }
    }
    for client in clients {
      #expect(try client.response().text.contains("599"))
      #expect(try client.response().body.isEmpty)
    }
  }

  @Test func `an unchanged listing is 304`() throws {
    try site.folder.write("x", to: "f")
    let tag = try site.request("/")["etag"] ?? ""

    #expect(try site.request("/", ["If-None-Match: \(tag)"]).status == 304)
    try site.folder.write("x", to: "g")
    #expect(try site.request("/", ["If-None-Match: \(tag)"]).status == 200)
  }

  @Test func `a listing is gzipped for those who ask, with a tag of its own`() throws {
    for index in 0..<50 { try site.folder.write("x", to: "file-\(index)") }
    let plain = try site.request("/")
    let packed = try site.request("/", ["Accept-Encoding: gzip"])

    #expect(packed["content-encoding"] == "gzip")
    #expect(packed.body.starts(with: [0x1F, 0x8B]))
    #expect(packed.body.count < plain.body.count / 2)
    #expect(
      (plain["vary"], packed["vary"]) == ("Accept, Accept-Encoding", "Accept, Accept-Encoding"))
    #expect(plain["etag"] != packed["etag"])
    let tag = "If-None-Match: \(packed["etag"] ?? "")"
    #expect(try site.request("/", ["Accept-Encoding: gzip", tag]).status == 304)
    #expect(try site.request("/", [tag]).status == 200)
  }

  @Test func `small text is gzipped, packages never are`() throws {
    let text = String(repeating: "{\"a\": 1}\n", count: 100)
    for name in ["a.json", "a.conda", "a.tar.bz2", "a.zst", "a.bin"] {
      try site.folder.write(text, to: name)
    }
    let codings = try ["a.json", "a.conda", "a.tar.bz2", "a.zst", "a.bin"].map {
      try site.request("/\($0)", ["Accept-Encoding: gzip, zstd"])["content-encoding"]
    }

    #expect(codings == ["gzip", nil, nil, nil, nil])
  }

  @Test func `ten thousand files are listed`() throws {
    try site.folder.makeFolder("many")
    for index in 0..<10_000 { try site.folder.write([], to: "many/\(index)") }
    let names = try site.request("/many/").text.links.dropFirst(1 + 3 + 1)

    #expect(names.count == 10_000)
    #expect(Set(names) == Set((0..<10_000).map(String.init)))
  }
}

extension String {
  /// Where the anchors of a page lead, in order.
  fileprivate var links: [String] {
    components(separatedBy: "<a href=\"").dropFirst().map { $0.components(separatedBy: "\"")[0] }
  }
}
