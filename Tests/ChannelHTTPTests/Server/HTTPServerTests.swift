import ChannelHTTP
import Support
import SystemPackage
import Testing

@Suite struct HTTPServerTests {
  @Test func `a server started in one line serves on a port of its own`() throws {
    let folder = try TemporaryDirectory()
    try folder.write("hello", to: "greeting.txt")
    let server = try HTTPServer(root: folder.path.string)
    defer { server.stop() }

    let response = try HTTPClient(port: server.port).request("GET", "/greeting.txt")

    #expect(server.port != 0)
    #expect(response.status == 200)
    #expect(response.text == "hello")
  }

  @Test func `many servers run in one process`() throws {
    let sites = try (0..<4).map { _ in try Site() }
    for (index, site) in sites.enumerated() { try site.folder.write("\(index)", to: "n") }

    #expect(try sites.map { try $0.request("/n").text } == ["0", "1", "2", "3"])
  }

  @Test func `a stopped server refuses connections`() throws {
    let site = try Site()
    site.server.stop()

    #expect(throws: (any Error).self) { try site.connect() }
  }

  @Test func `a server can be stopped twice`() throws {
    let site = try Site()
    site.server.stop()
    site.server.stop()
  }

  @Test func `a port that is in use is refused`() throws {
    let site = try Site()

    #expect(throws: ServerError.self) {
      try Site { $0.listeners = [.tcp(host: "127.0.0.1", port: site.server.port)] }
    }
  }

  @Test func `a folder that does not exist is refused with its path and the cause`() throws {
    let error = #expect(throws: ServerError.self) { try HTTPServer(root: "/nowhere/at/all") }

    #expect(error?.code == .path)
    #expect("\(error.map { "\($0)" } ?? "")" == "/nowhere/at/all: No such file or directory")
  }

  @Test(arguments: [0, 513]) func `an absurd number of threads is refused`(_ count: Int) {
    #expect(throws: ServerError.self) { try Site { $0.threads = count } }
  }

  @Test func `all loops share one port`() throws {
    let site = try Site { $0.threads = 4 }
    try site.folder.write("x", to: "f")

    #expect(try (0..<32).allSatisfy { _ in try site.request("/f").status == 200 })
  }

  @Test func `every address of the machine is listened on unless one is chosen`() throws {
    let site = try Site { $0.listeners = [.tcp(host: nil, port: 0)] }
    try site.folder.write("x", to: "f")

    #expect(try site.request("/f").status == 200)
    #expect(site.server.url == "http://localhost:\(site.server.port)/")
  }

  @Test func `a mounted folder is served under its mount alone`() throws {
    let site = try Site { $0.mounts[0].path = "/condapkg" }
    try site.folder.write("x", to: "noarch/f")

    #expect(site.server.url == "http://127.0.0.1:\(site.server.port)/condapkg/")
    #expect(try site.request("/condapkg/noarch/f").text == "x")
    #expect(try site.request("/noarch/f").status == 404)
    #expect(try site.request("/condapkgs/noarch/f").status == 404)
    #expect(try site.request("/condapkg").status == 301)
    #expect(try site.request("/condapkg")["location"] == "condapkg/")
    #expect(try site.request("/")["location"] == "condapkg/")
  }
}
