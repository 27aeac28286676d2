import Foundation
import Support
import SystemPackage
import Testing

/// Packages on their way from those who build them to those who install them.
@Suite struct PublishingTests {
  private let directory: TemporaryDirectory
  private let secret: String

  init() async throws {
    directory = try TemporaryDirectory()
    _ = try await Command.run(
      Command.built("channel-index"), "init", directory("site").string)
    let created = try await Command.run(
      Command.built("channel-server"), "token", "create", "ci", "--publish", "--tokens",
      directory("tokens.json").string)
    secret = created.output.trimmingCharacters(in: .newlines)
  }

  private func server() throws -> RunningServer {
    try RunningServer(
      serving: directory("site"), "--mount", "/condapkg", "--tokens",
      directory("tokens.json").string, "--audit-log", directory("audit.log").string)
  }

  private func file(of package: PackageBlueprint) throws -> FilePath {
    let file = directory("built/\(package.condaFileName)")
    try file.write(try package.conda())
    return file
  }

  private func verify() async throws -> Command {
    try await Command.run(
      Command.built("channel-index"), "verify", directory("site").string, "--digests")
  }

  @Test func `curl publishes what it can then download`() async throws {
    let server = try server()
    let file = try file(of: PackageBlueprint("hello"))
    let answer = try await Curl.get(
      server.url + "noarch/", "--user", "x:\(secret)", "--upload-file", file.string)
    #expect(answer.status == 201)
    let chunked = try await Curl.get(
      server.url + "noarch/", "--user", "x:\(secret)", "--header", "Transfer-Encoding: chunked",
      "--upload-file", file.string)
    #expect(chunked.status == 200)
    #expect(try await Curl.get(server.url + "noarch/hello-1.0-0.conda").status == 200)
    let refused = try await Curl.get(
      server.url + "noarch/", "--user", "x:wrong", "--upload-file", file.string)
    #expect(refused.status == 401)
    #expect(try await verify().status == 0)
    #expect(await server.stop() == 0)
    #expect(try !server.accessLog.contains(secret))
    #expect(try !directory("audit.log").readText().contains(secret))
  }

  @Test(
    .enabled(if: Client.isInstalled || Client.isRequired, "py-rattler is not installed"),
    arguments: ["artifactory", "quetz", "prefix", "quetz-client"])
  func `every tool that publishes can`(_ tool: String) async throws {
    let server = try server()
    let file = try file(of: PackageBlueprint("hello"))
    let origin = server.url.replacing("/condapkg/", with: "")
    let run = try await Client.run("upload.py", [tool, origin, "condapkg", secret, file.string])
    // py-rattler may crash when all is done; what it did is what counts.
    #expect(
      try await Curl.get(server.url + "noarch/repodata.json").body.contains("hello-1.0-0.conda"),
      "\(run.errors)")
    #expect(try directory("audit.log").readText().contains("\"outcome\":\"added\""))
  }

  @Test(.enabled(if: Client.isInstalled || Client.isRequired, "py-rattler is not installed"))
  func `whoever has published can install at once`() async throws {
    let server = try server()
    let files = try (0..<24).map { try file(of: PackageBlueprint("p\($0)")).string }
    let run = try await Client.run("publish.py", [server.url, secret, "4"] + files)
    let found = run.output.split(separator: "\n").map(String.init)
    #expect(Set(found) == Set((0..<24).map { "p\($0)-1.0-0.conda" }), "\(run.errors)")
    #expect(try await verify().status == 0)
  }

  @Test func `a server that is killed at any moment leaves a channel that the next puts right`()
    async throws
  {
    var published: Set<String> = []
    for round in 0..<8 {
      let server = try server()
      let files = try (0..<6).map { try file(of: PackageBlueprint("r\(round)p\($0)")) }
      let (url, secret) = (server.url, secret)
      let answered = await withTaskGroup(of: String?.self) { group in
        for file in files {
          group.addTask {
            let answer = try? await Curl.get(
              url + "noarch/", "--user", "x:\(secret)", "--upload-file", file.string)
            return answer?.status == 201 ? file.lastComponent?.string : nil
          }
        }
        // Killed after as many answers as rounds have passed, so at another moment each time.
        var answered: [String] = []
        if round == 0 { _ = await server.stop(SIGKILL) }
        for await name in group {
          if let name { answered.append(name) }
          if answered.count == round % 6 { _ = await server.stop(SIGKILL) }
        }
        return answered
      }
      _ = await server.stop(SIGKILL)
      published.formUnion(answered)
      let next = try self.server()
      let run = try await verify()
      #expect(run.status == 0, "\(run.output)\(run.errors)")
      // What was answered is there for good.
      let index = try await Curl.get(next.url + "noarch/repodata.json").body
      for name in published { #expect(index.contains(name)) }
      let uploads = directory("site/.channel/uploads")
      #expect(try !uploads.exists || uploads.entryNames().isEmpty)
      _ = await next.stop()
    }
    #expect(!published.isEmpty)
  }
}
