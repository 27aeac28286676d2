import Foundation
import Support
import SystemPackage
import Testing

/// How often packages were downloaded, as it is told and kept.
@Suite struct DownloadTests {
  private let directory: TemporaryDirectory
  private let kept: FilePath

  init() throws {
    directory = try TemporaryDirectory()
    kept = directory("kept.json")
    for file in ["tool-1.0-0.conda", "old-1.0-0.tar.bz2", "repodata.json"] {
      try directory("channel/noarch/\(file)").write("content")
    }
  }

  private func serve(_ more: String...) throws -> RunningServer {
    try RunningServer(
      serving: directory("channel"),
      ["--mount", "/pkg", "--download-counts", kept.string] + more)
  }

  private func download(_ file: String, _ options: String, from server: RunningServer) async throws
  {
    _ = try await Curl.get(server.url + "noarch/" + file, options)
  }

  private func origin(of server: RunningServer) -> String { "http://127.0.0.1:\(server.port)" }

  /// What is told by the time that it says `count` of the one package.
  private func told(by server: RunningServer, with count: Int) async throws -> String {
    while true {
      let answer = try await Curl.get(origin(of: server) + "/-/downloads")
      #expect(answer.status == 200)
      #expect(answer.fields["content-type"] == "application/json")
      if answer.body.contains("\"noarch/tool-1.0-0.conda\":\(count)") { return answer.body }
    }
  }

  @Test func `downloads are told by package, and in metrics by subdir`() async throws {
    let server = try serve()
    for options in ["--get", "--head", "-r0-2", "-r3-"] {
      try await download("tool-1.0-0.conda", options, from: server)
    }
    try await download("old-1.0-0.tar.bz2", "--get", from: server)
    try await download("repodata.json", "--get", from: server)
    try await download("tool-1.0-0.conda", "--get", from: server)

    let body = try await told(by: server, with: 3)
    #expect(
      body.hasSuffix(
        """
        ,"channels":{
        "/pkg":{
        "noarch/old-1.0-0.tar.bz2":1,
        "noarch/tool-1.0-0.conda":3
        }
        }}

        """))
    let metrics = try PrometheusText(try await Curl.get(origin(of: server) + "/-/metrics").body)
    #expect(try metrics.value("channel_downloads_total", "\"/pkg\"", "\"noarch\"") == 4)
    #expect(await server.stop() == 0)
    #expect(try kept.readText() == body)
  }

  @Test func `counts outlive a restart, and a reload writes them lest the server be killed`()
    async throws
  {
    var server = try serve()
    try await download("tool-1.0-0.conda", "--get", from: server)
    #expect(await server.stop() == 0)
    server = try serve()
    try await download("tool-1.0-0.conda", "--get", from: server)
    _ = try await told(by: server, with: 2)
    server.send(SIGHUP)
    #expect(await server.says("the configuration was read again"))
    try await download("tool-1.0-0.conda", "--get", from: server)
    let before = try await told(by: server, with: 3)
    #expect(await server.stop(SIGKILL) == -SIGKILL)
    #expect(try kept.readText() == before.replacing("conda\":3", with: "conda\":2"))
    server = try serve()
    _ = try await told(by: server, with: 2)
    #expect(await server.stop() == 0)
  }

  @Test func `nothing is counted unless it is asked for`() async throws {
    let server = try RunningServer(serving: directory("channel"))
    #expect(try await Curl.get(server.url + "-/downloads").status == 404)
    let metrics = try await Curl.get(server.url + "-/metrics").body
    #expect(!metrics.contains("channel_downloads_total"))
  }

  @Test func `they are told where the metrics are, and kept where these are told nowhere`()
    async throws
  {
    let server = try serve("--metrics-listen", "off")
    #expect(try await Curl.get(origin(of: server) + "/-/downloads").status == 404)
    try await download("tool-1.0-0.conda", "--get", from: server)
    #expect(await server.stop() == 0)
    #expect(try kept.readText().contains("\"noarch/tool-1.0-0.conda\":1"))
  }

  @Test func `a file of something else keeps the server from starting, and check says so`()
    async throws
  {
    try kept.write("{}")
    for arguments in [[], ["check"]] {
      let run = try await Command.run(
        Command.built("channel-server"),
        arguments + [directory("channel").string, "--port", "0", "--download-counts", kept.string])
      #expect(run.status == 1)
      #expect(run.errors.contains("\(kept): holds no download counts"))
      #expect(run.errors.split(separator: "\n").count == 1)
    }
    #expect(try kept.readText() == "{}")
  }
}
