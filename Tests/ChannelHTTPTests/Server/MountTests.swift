import ChannelHTTP
import Support
import SystemPackage
import Testing

/// Several folders on one server.
@Suite struct MountTests {
  private let folder: TemporaryDirectory
  private let server: HTTPServer

  init() throws {
    folder = try TemporaryDirectory()
    // Every folder's files say which folder it is.
    for name in ["all", "team", "deep"] {
      try folder.write(name, to: "\(name)/f")
      try folder.write(name, to: "\(name)/noarch/f")
    }
    try folder.write("hidden by the mount", to: "all/team/f")
    server = try Self.serve(folder, ["/": "all", "/team": "team", "/team/deep": "deep"])
  }

  private static func serve(
    _ folder: TemporaryDirectory, _ mounts: KeyValuePairs<String, String>
  ) throws -> HTTPServer {
    var configuration = ServerConfiguration(
      mounts: mounts.map { Mount($0.key, root: folder($0.value).string) })
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.threads = 1
    return try HTTPServer(configuration)
  }

  private func get(
    _ target: String, _ fields: [String] = [], from other: HTTPServer? = nil
  ) throws -> HTTPClient.Response {
    try HTTPClient(port: (other ?? server).port).request("GET", target, fields)
  }

  @Test(arguments: [
    ("/f", "all"), ("/noarch/f", "all"), ("/team/f", "team"), ("/team/noarch/f", "team"),
    ("/team/deep/f", "deep"), ("/team/deep/noarch/f", "deep"), ("/team/../f", "all"),
    ("/t%65am/f", "team"), ("/noarch/../team/deep/../f", "team"),
  ])
  func `the longest mount that a path leads into answers`(path: String, folder: String) throws {
    // Asked twice: the second answer comes from memory.
    #expect(try get(path).text == folder)
    #expect(try get(path).text == folder)
  }

  @Test(arguments: [("/team", "team/"), ("/team/deep", "deep/"), ("/noarch", "noarch/")])
  func `a mount without its slash redirects to itself`(path: String, location: String) throws {
    #expect(try get(path)["location"] == location)
  }

  @Test(arguments: ["/teams/f", "/team/deeper/f", "/tea/f", "/team/none"])
  func `a path that only begins like a mount is not in it`(path: String) throws {
    #expect(try get(path).status == 404)
  }

  @Test func `outside all mounts there is nothing`() throws {
    let server = try Self.serve(folder, ["/a": "all", "/b": "team"])
    #expect(try get("/a/f", from: server).text == "all")
    #expect(try get("/b/f", from: server).text == "team")
    for path in ["/", "/f", "/c/f", "/-/f"] {
      #expect(try get(path, from: server).status == 404)
    }
  }

  @Test func `every mount has a URL`() throws {
    let server = try Self.serve(folder, ["/a b": "all", "x/y/": "team"])
    let origin = "http://127.0.0.1:\(server.port)"
    #expect(server.urls == ["\(origin)/a%20b/", "\(origin)/x/y/"])
    #expect(try get("/a%20b/f", from: server).text == "all")
    #expect(try get("/x/y/f", from: server).text == "team")
  }

  @Test func `one folder may appear at several paths`() throws {
    let server = try Self.serve(folder, ["/a": "team", "/b": "team"])
    #expect(try get("/a/f", from: server).text == "team")
    #expect(try get("/b/f", from: server).text == "team")
  }

  @Test func `a change in each folder shows at once`() throws {
    for (name, path) in [("all", "/f"), ("team", "/team/f"), ("deep", "/team/deep/f")] {
      _ = try get(path)
      try folder.write("new \(name)", to: "\(name)/f")
      #expect(try get(path).text == "new \(name)")
    }
  }

  @Test func `a folder whose path leads elsewhere by now is followed alone`() throws {
    try folder.write("other", to: "other/f")
    for path in ["/f", "/team/f"] { _ = try get(path) }
    try folder("team").rename(to: folder("old"))
    try folder("other").rename(to: folder("team"))
    while try get("/team/f").text != "other" {}
    #expect(try get("/f").text == "all")
  }

  @Test func `each folder's pages have a maker of their own`() throws {
    var configuration = ServerConfiguration(mounts: [])
    for name in ["all", "team"] {
      var mount = Mount("/\(name)", root: folder(name).string)
      mount.listingDecorator = ListingDecorator { listing in
        Array("\(name): \(String(decoding: listing.path, as: UTF8.self))".utf8)
      }
      configuration.mounts.append(mount)
    }
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    let server = try HTTPServer(configuration)
    #expect(try get("/all/noarch/", from: server).text == "all: noarch")
    #expect(try get("/team/noarch/", from: server).text == "team: noarch")
  }

  @Test func `listings of two folders under one name below them are not confused`() throws {
    #expect(try get("/noarch/?format=json").status == 200)
    try folder.write("g", to: "team/noarch/g")
    #expect(try get("/team/noarch/?format=json").text.contains("\"g\""))
    #expect(try !get("/noarch/?format=json").text.contains("\"g\""))
  }

  @Test(arguments: [
    (["/a", "a/"], "mount a/: has two folders"), (["/.a"], "mount /.a: no part of it may start"),
    ([], "mounts: there is no folder to serve"),
  ])
  func `mounts that make no sense are refused`(paths: [String], reason: String) throws {
    let error = #expect(throws: ServerError.self) {
      _ = try HTTPServer(
        ServerConfiguration(mounts: paths.map { Mount($0, root: folder("all").string) }))
    }
    #expect("\(error.map { "\($0)" } ?? "")".hasPrefix(reason))
  }
}
