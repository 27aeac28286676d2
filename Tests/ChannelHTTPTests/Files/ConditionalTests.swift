import ChannelHTTP
import Support
import Testing

/// Conditional and range requests, on the wire.
@Suite struct ConditionalTests {
  private let site: Site
  private let tag: String
  private let date = "Sun, 06 Nov 1994 08:49:37 GMT"
  private let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
  private let later = "Sun, 06 Nov 1994 08:49:38 GMT"
  private let content = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }

  init() throws {
    site = try Site()
    try site.folder.write(content, to: "f")
    try site.folder.setModified("f", seconds: 784_111_777, nanoseconds: 5)
    tag = try site.request("/f")["etag"] ?? ""
  }

  private func status(_ fields: String...) throws -> Int {
    try site.request("/f", fields).status
  }

  @Test func `If-None-Match compares weakly, in lists, and with any`() throws {
    #expect(try status("If-None-Match: \(tag)") == 304)
    #expect(try status("If-None-Match: W/\(tag)") == 304)
    #expect(try status("If-None-Match: \"a,b\", \(tag)") == 304)
    #expect(try status("If-None-Match: \"a\"", "If-None-Match: \(tag)") == 304)
    #expect(try status("If-None-Match: *") == 304)
    #expect(try status("If-None-Match: \"a\"") == 200)
    #expect(try status("if-none-match:\(tag)") == 304)
  }

  @Test func `If-None-Match beats If-Modified-Since both ways`() throws {
    #expect(try status("If-None-Match: \"a\"", "If-Modified-Since: \(later)") == 200)
    #expect(try status("If-None-Match: \(tag)", "If-Modified-Since: \(earlier)") == 304)
  }

  @Test func `If-Modified-Since compares by time in all three forms`() throws {
    #expect(try status("If-Modified-Since: \(date)") == 304)
    #expect(try status("If-Modified-Since: \(later)") == 304)
    #expect(try status("If-Modified-Since: \(earlier)") == 200)
    #expect(try status("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT") == 304)
    #expect(try status("If-Modified-Since: Sun Nov  6 08:49:37 1994") == 304)
    #expect(try status("If-Modified-Since: yesterday") == 200)
    #expect(try status("If-Modified-Since: \(date)", "If-Modified-Since: \(date)") == 200)
  }

  @Test func `If-Match compares strongly`() throws {
    #expect(try status("If-Match: \(tag)") == 200)
    #expect(try status("If-Match: *") == 200)
    #expect(try status("If-Match: W/\(tag)") == 412)
    #expect(try status("If-Match: \"a\"") == 412)
    #expect(try status("If-Match: \(tag)", "If-Unmodified-Since: \(earlier)") == 200)
  }

  @Test func `If-Unmodified-Since compares by time`() throws {
    #expect(try status("If-Unmodified-Since: \(date)") == 200)
    #expect(try status("If-Unmodified-Since: \(earlier)") == 412)
    #expect(try status("If-Unmodified-Since: tomorrow") == 200)
  }

  @Test func `If-Match is asked before If-None-Match`() throws {
    #expect(try status("If-Match: \"a\"", "If-None-Match: \(tag)") == 412)
    #expect(try status("If-Match: \(tag)", "If-None-Match: \(tag)") == 304)
  }

  @Test func `a 304 carries what a cache needs and no body`() throws {
    let client = try site.connect()
    let response = try client.request("GET", "/f", ["If-None-Match: \(tag)"])

    #expect(response["etag"] == tag)
    #expect(response["date"] != nil)
    #expect(response["cache-control"] == "max-age=0")
    #expect(response["content-length"] == nil)
    #expect(try client.request("HEAD", "/f", ["If-None-Match: \(tag)"]).status == 304)
    #expect(try client.request("GET", "/f").body == content, "the connection is in step")
  }

  @Test func `a missing file is 404 whatever the conditions`() throws {
    #expect(try site.request("/absent", ["If-None-Match: *"]).status == 404)
    #expect(try site.request("/absent", ["If-Match: \"a\""]).status == 404)
  }

  @Test(arguments: [
    ("bytes=0-99", 0..<100), ("bytes=-100", 900..<1000), ("bytes=500-", 500..<1000),
    ("bytes=7-7", 7..<8), ("bytes=-65536", 0..<1000),
  ])
  func `a range is answered with that part`(_ range: String, _ part: Range<Int>) throws {
    let response = try site.request("/f", ["Range: \(range)"])

    #expect(response.status == 206)
    #expect(response.body == Array(content[part]))
    #expect(
      response["content-range"] == "bytes \(part.lowerBound)-\(part.upperBound - 1)/1000")
    #expect(response["etag"] == tag)
    #expect(response["last-modified"] == date)
  }

  @Test(arguments: ["bytes=1000-", "bytes=-0", "bytes=x", "bytes=5-2"])
  func `a range beyond the file is 416 and says how long it is`(_ range: String) throws {
    let response = try site.request("/f", ["Range: \(range)"])

    #expect(response.status == 416)
    #expect(response["content-range"] == "bytes */1000")
  }

  @Test func `several ranges come as parts of one body`() throws {
    let response = try site.request("/f", ["Range: bytes=0-9,500-509,990-"])
    let type = response["content-type"] ?? ""
    let boundary = type.split(separator: "boundary=").last.map(String.init) ?? ""
    var expected: [UInt8] = []
    for part in [0..<10, 500..<510, 990..<1000] {
      expected += (expected.isEmpty ? "" : "\r\n").utf8
      expected += "--\(boundary)\r\nContent-Type: application/octet-stream\r\n".utf8
      expected += "Content-Range: bytes \(part.lowerBound)-\(part.upperBound - 1)/1000\r\n\r\n".utf8
      expected += content[part]
    }
    expected += "\r\n--\(boundary)--\r\n".utf8

    #expect(response.status == 206)
    #expect(type.hasPrefix("multipart/byteranges; boundary="))
    #expect(response["content-range"] == nil)
    #expect(response.body == expected)
  }

  @Test func `several ranges of a large file come whole too`() throws {
    let large = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try site.folder.write(large, to: "large")
    let client = try site.connect()
    let response = try client.request("GET", "/large", ["Range: bytes=0-99999,200000-399999"])

    let boundary = (response["content-type"] ?? "").split(separator: "boundary=").last ?? ""
    let end = "\r\n--\(boundary)--\r\n".utf8.count
    #expect(Array(response.body.dropLast(end).suffix(200_000)) == Array(large[200_000...]))
    #expect(try client.request("GET", "/large", ["Range: bytes=399999-"]).body == [large[399_999]])
  }

  @Test func `a HEAD request has no range`() throws {
    #expect(try site.request("HEAD", "/f", ["Range: bytes=0-9"]).status == 200)
  }

  @Test func `two Range fields, like an unknown unit, are no range`() throws {
    #expect(try status("Range: bytes=0-9", "Range: bytes=0-9") == 200)
    #expect(try status("Range: pages=0-9") == 200)
  }

  @Test func `a range applies only to the version that If-Range names`() throws {
    let range = "Range: bytes=0-9"
    #expect(try status(range, "If-Range: \(tag)") == 206)
    #expect(try status(range, "If-Range: W/\(tag)") == 200)
    #expect(try status(range, "If-Range: \"a\"") == 200)
    #expect(try status(range, "If-Range: \(date)") == 206)
    #expect(try status(range, "If-Range: \(later)") == 200)
    #expect(try status(range, "If-Range: \(earlier)") == 200)
    #expect(try status(range, "If-Range: *") == 200)
    #expect(try status(range, "If-Range:") == 200)
  }

  @Test func `a condition is decided before a range`() throws {
    #expect(try status("Range: bytes=0-9", "If-None-Match: \(tag)") == 304)
    #expect(try status("Range: bytes=2000-", "If-Match: \"a\"") == 412)
  }

  @Test func `offsets beyond four gigabytes are served`() throws {
    try site.folder.write("", to: "huge")
    try site.folder.resize("huge", to: 5_000_000_000)
    let response = try site.request("/huge", ["Range: bytes=4999999998-"])

    #expect(response.body == [0, 0])
    #expect(response["content-range"] == "bytes 4999999998-4999999999/5000000000")
  }

  @Test func `a date that has yet to come is not told`() throws {
    try site.folder.write("x", to: "future")
    try site.folder.setModified("future", seconds: 4_000_000_000)

    #expect(try site.request("/future")["last-modified"] == nil)
  }

  @Test func `the oldest date is told too`() throws {
    try site.folder.write("x", to: "old")
    try site.folder.setModified("old", seconds: 0)

    #expect(try site.request("/old")["last-modified"] == "Thu, 01 Jan 1970 00:00:00 GMT")
  }

  @Test func `an empty file is served as such`() throws {
    try site.folder.write("", to: "empty")
    let response = try site.request("/empty")

    #expect(response.status == 200)
    #expect(response["content-length"] == "0")
    #expect(try site.request("/empty", ["Range: bytes=0-"]).status == 416)
  }

  @Test(arguments: [("zstd", ".zst"), ("gzip", ".gz")])
  func `a packed sibling is sent in its place to whoever can unpack it`(
    _ coding: String, _ suffix: String
  ) throws {
    try site.folder.write("plain", to: "repodata.json")
    try site.folder.write("packed", to: "repodata.json\(suffix)")
    let plain = try site.request("/repodata.json")
    let packed = try site.request("/repodata.json", ["Accept-Encoding: \(coding)"])

    #expect((plain.text, plain["content-encoding"]) == ("plain", nil))
    #expect((packed.text, packed["content-encoding"]) == ("packed", coding))
    #expect((plain["vary"], packed["vary"]) == ("Accept-Encoding", "Accept-Encoding"))
    #expect(plain["etag"] != packed["etag"])
    #expect(packed["content-type"] == "application/json")
    let part = try site.request(
      "/repodata.json", ["Accept-Encoding: \(coding)", "Range: bytes=0-1"])
    #expect((part.status, part.text) == (206, "pa"))
    #expect(
      try site.request("/repodata.json", ["Accept-Encoding: \(coding);q=0"]).text == "plain")
  }

  @Test func `a packed sibling that is older is not sent`() throws {
    try site.folder.write("packed", to: "repodata.json.zst")
    try site.folder.setModified("repodata.json.zst", seconds: 1_000_000)
    try site.folder.write("plain", to: "repodata.json")

    #expect(try site.request("/repodata.json", ["Accept-Encoding: zstd"]).text == "plain")
  }

  @Test(arguments: ["f.zst", "f.conda", "f.tar.bz2", "f.gz", "f.msgpack.zst", "repodata.json.zst"])
  func `a packed file asked for by its own name has no coding`(_ name: String) throws {
    try site.folder.write("packed", to: name)
    let response = try site.request("/\(name)", ["Accept-Encoding: gzip, zstd, br"])

    #expect(response["content-encoding"] == nil)
    #expect(response["vary"] == nil)
  }
}
