import ChannelHTTP
import Testing

@Suite struct RequestPathTests {
  private func decoded(_ path: String) -> Result<RequestPath, Status> {
    Result { () throws(Status) in
      var result = RequestPath()
      try result.decode(Array(path.utf8).span)
      return result
    }
  }

  @Test(arguments: [
    ("/", "", true), ("", "", true), ("/a", "a", false), ("/a/", "a", true),
    ("/a/b.txt", "a/b.txt", false), ("//a///b", "a/b", false), ("/./a/./b/.", "a/b", true),
    ("/a/../b", "b", false), ("/a/b/../..", "", true), ("/a/b/..", "a", true),
    ("/%2e/a", "a", false), ("/a/%2E%2e/b", "b", false), ("/a+b", "a+b", false),
    ("/1%212.0", "1!2.0", false), ("/a%2Bb", "a+b", false), ("/a%25b", "a%b", false),
    ("/a%3Fb%23c", "a?b#c", false), ("/!~,=@()", "!~,=@()", false),
    ("/%252e%252e/a", "%2e%2e/a", false),
    ("/a..b/..c..", "a..b/..c..", false), ("/a/..;/b", "a/..;/b", false), ("/a\\b", "a\\b", false),
    ("/a%0ab", "a\nb", false),
  ])
  func `a path is decoded once and its dots resolved`(
    _ path: String, _ name: String, _ isDirectory: Bool
  ) throws {
    let result = try decoded(path).get()

    #expect(String(decoding: result.name, as: UTF8.self) == name)
    #expect(result.isDirectory == isDirectory)
  }

  @Test(arguments: [
    "/..", "/../a", "/a/../../b", "/%2e%2e/a", "/.%2e/a", "/%2e./a", "/./..", "//..",
    "/a%", "/a%4", "/a%zz", "/%u0041", "/a%00", "/%00", "a", "/a%+1",
  ])
  func `a path above the root or with a bad escape is refused`(_ path: String) {
    #expect(decoded(path) == .failure(.badRequest))
  }

  @Test(arguments: [
    "/a%2fb", "/..%2f..%2fetc", "/" + String(repeating: "a", count: 256),
    String(repeating: "/abcdefgh", count: 500),
  ])
  func `a path that no file can have is not found`(_ path: String) {
    #expect(decoded(path) == .failure(.notFound))
  }

  @Test(arguments: [
    ("/.a", true), ("/a/.b/c", true), ("/a.b", false), ("/.a/../b", false), ("/..a", true),
    ("/%2ea", true), ("/..%5ca", true),
  ])
  func `names that start with a dot are hidden`(_ path: String, _ isHidden: Bool) throws {
    #expect(try decoded(path).get().isHidden == isHidden)
  }

  @Test func `bytes that are no text are kept`() throws {
    #expect(try decoded("/%ff%FE").get().name == [0xFF, 0xFE])
    #expect(try decoded("/%c0%ae%c0%ae/a").get().name == [0xC0, 0xAE, 0xC0, 0xAE, 0x2F, 0x61])
  }

  @Test(arguments: [
    ("/m/n/a", "a"), ("/m/n", ""), ("/m/n/", ""), ("/m/nn", nil), ("/m", nil), ("/a", nil),
  ])
  func `a mount is taken off by whole components`(_ path: String, _ rest: String?) throws {
    var result = try decoded(path).get()
    let isBeneath = result.strip(Array("m/n".utf8))

    #expect(isBeneath == (rest != nil))
    if let rest { #expect(String(decoding: result.name, as: UTF8.self) == rest) }
  }
}
