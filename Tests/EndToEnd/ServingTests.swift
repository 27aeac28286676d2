import Support
import SystemPackage
import Testing

/// What curl gets from a served channel.
@Suite struct ServingTests {
  private let directory: TemporaryDirectory
  private let server: RunningServer

  init() throws {
    directory = try TemporaryDirectory()
    try directory("noarch/repodata.json").write(#"{"packages":{}}"#)
    try directory("noarch/a-1.0-0.conda").write("not really a package")
    try directory("linux-64/repodata.json").write("{}")
    try directory(".channel/noarch.ledger").write("hidden")
    server = try RunningServer(serving: directory.path, "--mount", "/condapkg")
  }

  @Test func `a file comes whole with its length and validators`() async throws {
    let answer = try await Curl.get(server.url + "noarch/repodata.json")
    #expect(answer.status == 200)
    #expect(answer.body == #"{"packages":{}}"#)
    #expect(answer.fields["content-length"] == "15")
    #expect(answer.fields["etag"] != nil)
    #expect(answer.fields["last-modified"] != nil)
  }

  @Test func `HEAD answers the fields of GET and no body`() async throws {
    let url = server.url + "noarch/a-1.0-0.conda"
    let (head, get) = (try await Curl.get(url, "--head"), try await Curl.get(url))
    #expect(head.status == 200)
    // curl stores what it got of a HEAD's answer, which is the head alone.
    #expect(!head.body.contains("not really a package"))
    for name in ["content-length", "content-type", "etag", "last-modified"] {
      #expect(head.fields[name] == get.fields[name], "\(name)")
    }
    #expect(head.fields["content-length"] == "20")
  }

  @Test func `whoever watches over the server learns when the folder is gone`() async throws {
    let url = server.url.replacing("condapkg/", with: "-/")
    #expect(try await Curl.get(url + "health").status == 200)
    #expect(try await Curl.get(url + "ready").status == 200)
    try directory.path.removeRecursively()
    #expect(try await Curl.get(url + "health").status == 200)
    #expect(try await Curl.get(url + "ready").status == 503)
  }

  @Test(
    arguments: [
      "noarch/missing.conda", "osx-64/repodata.json", "noarch/repodata.json/", "no-such-subdir/",
      ".channel/noarch.ledger",
    ])
  func `what is not there or not for reading is 404`(_ path: String) async throws {
    #expect(try await Curl.get(server.url + path).status == 404)
  }

  @Test(
    arguments: [
      "../etc/passwd", "noarch/../../etc/passwd", "%2e%2e/etc/passwd", "..%2f..%2fetc/passwd",
      "linux-64/../noarch/%2e./%2e%2e/../etc/passwd", "secret",
    ])
  func `no path leads out of the channel`(_ path: String) async throws {
    let outside = try TemporaryDirectory()
    try outside("passwd").write("secret")
    try directory("secret").createSymbolicLink(to: outside("passwd"))
    let answer = try await Curl.get(server.url + path)
    #expect([400, 404].contains(answer.status))
    #expect(!answer.body.contains("secret") && !answer.body.contains("root:"))
  }

  @Test func `a path outside the mount is 404`() async throws {
    let origin = server.url.replacing("/condapkg/", with: "/")
    #expect(try await Curl.get(origin + "noarch/repodata.json").status == 404)
  }

  @Test func `a folder lists what it holds`() async throws {
    let answer = try await Curl.get(server.url + "noarch/")
    #expect(answer.status == 200)
    #expect(answer.fields["content-type"]?.hasPrefix("text/html") == true)
    #expect(answer.body.contains("a-1.0-0.conda"))
    #expect(answer.body.contains("repodata.json"))
  }

  @Test func `the channel's folder lists its subdirs and hides the ledger`() async throws {
    let answer = try await Curl.get(server.url)
    #expect(answer.body.contains("linux-64/"))
    #expect(answer.body.contains("noarch/"))
    #expect(!answer.body.contains(".channel"))
  }

  @Test func `a folder without its slash redirects within the channel`() async throws {
    let url = server.url + "noarch"
    #expect(try await Curl.get(url).status == 301)
    let run = try await Command.run(
      "curl", "--silent", "--max-time", "30", "--location", "--output", "/dev/null",
      "--write-out", "%{http_code} %{url_effective}", url)
    #expect(run.output == "200 \(url)/")
  }

  @Test func `one connection carries several requests`() async throws {
    let url = server.url + "noarch/repodata.json"
    let run = try await Command.run(
      "curl", "--silent", "--max-time", "30", "--output", "/dev/null", "--output", "/dev/null",
      "--output", "/dev/null", "--write-out", "%{http_code} %{num_connects}\n", url,
      server.url + "missing", url)
    #expect(run.output == "200 1\n404 0\n200 0\n")
  }

  @Test func `a method that changes things is refused`() async throws {
    let answer = try await Curl.get(
      server.url + "noarch/repodata.json", "--request", "DELETE")
    #expect(answer.status == 405)
    #expect(answer.fields["allow"]?.contains("GET") == true)
    #expect(directory("noarch/repodata.json").exists)
  }

  @Test func `every request is in the access log once the server has stopped`() async throws {
    _ = try await Curl.get(server.url + "noarch/repodata.json")
    _ = try await Curl.get(server.url + "missing")
    #expect(await server.stop() == 0)
    let lines = try server.accessLog.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.contains("GET /condapkg/noarch/repodata.json ") == true)
    #expect(lines.first?.contains(" 200 ") == true)
    #expect(lines.last?.contains(" 404 ") == true)
  }
}
