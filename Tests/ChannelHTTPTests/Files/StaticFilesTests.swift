import ChannelHTTP
import Support
import Testing

@Suite struct StaticFilesTests {
  @Test func `a file is served with its length, type, tag and date`() throws {
    let site = try Site()
    try site.folder.write("{}", to: "noarch/repodata.json")
    try site.folder.setModified("noarch/repodata.json", seconds: 784_111_777)

    let response = try site.request("/noarch/repodata.json")

    #expect(response.status == 200)
    #expect(response.text == "{}")
    #expect(response["content-length"] == "2")
    #expect(response["content-type"] == "application/json")
    #expect(response["last-modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(response["accept-ranges"] == "bytes")
    #expect(response["x-content-type-options"] == "nosniff")
    #expect(response["etag"]?.hasPrefix("\"") == true)
    #expect(response["date"]?.hasSuffix(" GMT") == true)
  }

  @Test(arguments: [0, 1, 4096, 65_536, 65_537, 3_000_000])
  func `a file of any size arrives whole`(_ size: Int) throws {
    let site = try Site()
    let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    try site.folder.write(content, to: "f")
    let client = try site.connect()

    #expect(try client.request("GET", "/f").body == content)
    #expect(try client.request("GET", "/f").body == content)
  }

  @Test(arguments: ["/small", "/large", "/missing", "/", "/folder"])
  func `HEAD answers with the fields of GET and without its body`(_ path: String) throws {
    let site = try Site()
    try site.folder.write("x", to: "small")
    try site.folder.write([UInt8](repeating: 7, count: 200_000), to: "large")
    try site.folder.makeFolder("folder")
    let client = try site.connect()

    let get = try client.request("GET", path)
    let head = try client.request("HEAD", path)

    #expect(head.status == get.status)
    #expect(head.fieldsBesideDate == get.fieldsBesideDate)
    #expect(head.body.isEmpty)
    #expect(try client.request("GET", "/small").text == "x", "the connection is in step")
  }

  @Test(arguments: [
    "/absent", "/absent/file", "/file/", "/file/below", "/.hidden", "/.channel/x", "/folder/.x",
    "/pipe", "/escape", "/absolute", "/dangling", "/circle",
    "/" + String(repeating: "a", count: 256),
  ])
  func `what is not to be served is 404`(_ path: String) throws {
    let site = try Site()
    for name in ["file", ".hidden", ".channel/x", "folder/.x"] {
      try site.folder.write("secret", to: name)
    }
    try site.folder.makePipe("pipe")
    try site.folder.link("escape", to: "../../../etc/passwd")
    try site.folder.link("absolute", to: "/etc/passwd")
    try site.folder.link("dangling", to: "nothing")
    try site.folder.link("circle", to: "circle")

    let response = try site.request(path)

    #expect(response.status == 404)
    #expect(response["cache-control"] == "no-store")
  }

  @Test func `links beneath the root are followed`() throws {
    let site = try Site()
    try site.folder.write("x", to: "a/b/file")
    try site.folder.link("a/link", to: "b/../b/file")
    try site.folder.link("folder", to: "a/b")

    #expect(try site.request("/a/link").text == "x")
    #expect(try site.request("/folder/file").text == "x")
  }

  @Test func `a directory without its slash is sent there by a relative reference`() throws {
    let site = try Site()
    try site.folder.makeFolder("noarch")
    try site.folder.makeFolder("odd:na me?")

    #expect(try site.request("/noarch")["location"] == "noarch/")
    #expect(try site.request("/noarch?format=json")["location"] == "noarch/?format=json")
    #expect(try site.request("//noarch")["location"] == "noarch/")
    #expect(try site.request("/odd%3Ana%20me%3F")["location"] == "odd%3Ana%20me%3F/")
    #expect(try site.request("/noarch").status == 301)
  }

  @Test func `a directory shows its index file, or else what it holds`() throws {
    let site = try Site()
    try site.folder.write("home", to: "one/index.html")
    try site.folder.write("x", to: "two/file")

    #expect(try site.request("/one/").text == "home")
    #expect(try site.request("/two/").text.contains("href=\"file\""))
    #expect(try site.request("/one/?format=json").text.contains("\"index.html\""))
  }

  @Test func `listings can be turned off`() throws {
    let site = try Site { $0.showsListings = false }
    try site.folder.write("x", to: "f")

    #expect(try site.request("/").status == 404)
  }

  @Test func `a file replaced by rename is served new on the next request`() throws {
    let site = try Site()
    try site.folder.write("old", to: "f")
    let client = try site.connect()
    let old = try client.request("GET", "/f")

    try site.folder.replace("f", with: "new")
    let new = try client.request("GET", "/f")

    #expect((old.text, new.text) == ("old", "new"))
    #expect(old["etag"] != new["etag"], "the same size, maybe within the same second")
  }

  @Test func `methods other than GET, HEAD and OPTIONS are refused by name`() throws {
    let site = try Site()
    try site.folder.write("x", to: "f")
    let client = try site.connect()

    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
      let response = try client.request(method, "/f")
      #expect(response.status == 405)
      #expect(response["allow"] == "GET, HEAD, OPTIONS")
    }
    #expect(try client.request("get", "/f").status == 501)
    #expect(try client.request("BREW", "/f").status == 501)
    #expect(try client.request("OPTIONS", "/f")["allow"] == "GET, HEAD, OPTIONS")
    #expect(try client.request("OPTIONS", "*").status == 204)
  }

  @Test(arguments: [
    ("repodata.json", "max-age=0"), ("repodata_shards.msgpack.zst", "max-age=0"),
    ("numpy-2.1.0-py312_0.conda", "public, max-age=31536000, immutable"),
    ("numpy-2.1.0-py312_0.tar.bz2", "public, max-age=31536000, immutable"),
    ("0a1b.msgpack.zst", "public, max-age=31536000, immutable"), ("notices.json", "max-age=0"),
  ])
  func `every file says how long it may be kept`(_ name: String, _ value: String) throws {
    let site = try Site()
    try site.folder.write("x", to: name)

    #expect(try site.request("/" + name)["cache-control"] == value)
  }
}
