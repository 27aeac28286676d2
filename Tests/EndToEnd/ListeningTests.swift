import Foundation
import Support
import SystemPackage
import Testing

/// Where `channel-server` listens, and what it shows there, as curl sees it.
@Suite struct ListeningTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for name in ["one", "two"] { try directory("\(name)/noarch/f").write(name) }
  }

  @Test func `an IPv6 address is listened on`() async throws {
    let server = try RunningServer([directory("one").string, "--host", "::1", "--port", "0"])
    #expect(server.url.hasPrefix("http://[::1]:"))
    #expect(try await Curl.get(server.url + "noarch/f", "--globoff").body == "one")
    #expect(await server.stop() == 0)
  }

  @Test func `a unix socket is listened on, and gone with the server`() async throws {
    let socket = directory("s.sock")
    let server = try RunningServer([
      directory("one").string, "--listen", "unix:\(socket)", "--socket-mode", "600",
    ])
    let answer = try await Curl.get(
      "http://localhost/noarch/f", "--unix-socket", socket.string)
    #expect(answer.body == "one")
    let mode = try FileManager.default.attributesOfItem(atPath: socket.string)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(await server.stop() == 0)
    #expect(!socket.exists)
  }

  @Test func `every address is listened on, the hosts' and the others`() async throws {
    let socket = directory("s.sock")
    let server = try RunningServer([
      directory("one").string, "--host", "127.0.0.1", "--host", "::1", "--port", "0",
      "--listen", "unix:\(socket)",
    ])
    #expect(try await Curl.get(server.url + "noarch/f").body == "one")
    let unix = try await Curl.get("http://a/noarch/f", "--unix-socket", socket.string)
    #expect(unix.body == "one")
    #expect(await server.says("listening on [::1]:"))
    #expect(await server.says("listening on unix:\(socket) as well"))
  }

  @Test func `several folders are served, each under its path`() async throws {
    let server = try RunningServer([
      directory("one").string, "--mount", "/one", "--mount", "/two=\(directory("two"))",
      "--host", "127.0.0.1", "--port", "0",
    ])
    let origin = server.url.replacing("one/", with: "")
    #expect(server.url == origin + "one/")
    #expect(try await Curl.get(origin + "one/noarch/f").body == "one")
    #expect(try await Curl.get(origin + "two/noarch/f").body == "two")
    #expect(try await Curl.get(origin + "noarch/f").status == 404)
    #expect(try await Curl.get(origin + "-/ready").status == 200)
    try directory("two").removeRecursively()
    #expect(try await Curl.get(origin + "-/ready").status == 503)
    #expect(try await Curl.get(origin + "one/noarch/f").body == "one")
  }

  @Test func `a folder's listing shows the packages of that folder`() async throws {
    for name in ["one", "two"] {
      try directory("\(name)/noarch/\(name)-1.0-0.conda").write(
        try PackageBlueprint(name).conda())
      _ = try await Command.run(Command.built("channel-index"), directory(name).string)
    }
    let server = try RunningServer([
      "--mount", "/one=\(directory("one"))", "--mount", "/two=\(directory("two"))",
      "--host", "127.0.0.1", "--port", "0",
    ])
    let origin = server.url.replacing("one/", with: "")
    for name in ["one", "two"] {
      let page = try await Curl.get(origin + "\(name)/noarch/").body
      #expect(page.contains("conda install -c") && page.contains("\(name)-1.0-0.conda"))
      #expect(!page.contains("not indexed"))
    }
  }

  @Test(arguments: [
    ([], "Name the folder to serve"), (["--mount", "/a"], "Name the folder to serve"),
    (["--mount", "/a="], "names no folder"), ([".", "--listen", "8080"], "HOST:PORT"),
    ([".", "--listen", "::1:8080"], "in brackets: [::1]:8080"),
    ([".", "--listen", "unix:"], "path of a socket"), ([".", "--port", "65536"], "65536"),
    ([".", "--socket-mode", "999"], "octal mode"),
  ])
  func `what cannot be meant is a usage error`(
    arguments: [String], reason: String
  ) async throws {
    let run = try await Command.run(Command.built("channel-server"), arguments)
    #expect(run.status == 64)
    #expect(run.errors.contains(reason), "\(run.errors)")
  }
}
