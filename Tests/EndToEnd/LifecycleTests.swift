import Foundation
import Support
import SystemPackage
import Testing

/// How `channel-server` starts and stops.
@Suite struct LifecycleTests {
  @Test func `port 0 picks a free port and the ready line names it`() async throws {
    let directory = try TemporaryDirectory()
    let server = try RunningServer(serving: directory.path)
    let port = try #require(URL(string: server.url)?.port)
    #expect(port > 0)
    let answer = try await Curl.get(server.url)
    #expect(answer.status == 200)
    #expect(await server.stop() == 0)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal to stop ends it with status 0`(_ signal: Int32) async throws {
    let directory = try TemporaryDirectory()
    let server = try RunningServer(serving: directory.path)
    #expect(await server.stop(signal) == 0)
  }

  @Test func `two servers of one folder do not disturb each other`() async throws {
    let directory = try TemporaryDirectory()
    try directory("file.txt").write("both")
    let (first, second) = (
      try RunningServer(serving: directory.path), try RunningServer(serving: directory.path)
    )
    #expect(first.url != second.url)
    #expect(try await Curl.get(first.url + "file.txt").body == "both")
    #expect(await first.stop() == 0)
    #expect(try await Curl.get(second.url + "file.txt").body == "both")
  }

  @Test func `a folder that is not there is named in one line`() async throws {
    let directory = try TemporaryDirectory()
    let missing = directory("missing").string
    let run = try await Command.run(
      Command.built("channel-server"), missing, "--host", "127.0.0.1", "--port", "0")
    #expect(run.status == 1)
    #expect(run.errors.contains(missing))
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }

  @Test func `a port that is taken is named in one line`() async throws {
    let directory = try TemporaryDirectory()
    let server = try RunningServer(serving: directory.path)
    let port = try #require(URL(string: server.url)?.port)
    let run = try await Command.run(
      Command.built("channel-server"), directory.path.string, "--host", "127.0.0.1", "--port",
      "\(port)")
    #expect(run.status == 1)
    #expect(run.errors.contains("\(port)"))
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }
}
