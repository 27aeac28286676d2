import Foundation
import Support
import SystemPackage
import Testing

/// Installs from a running server with the engine that pixi uses.
@Suite(
  .enabled(
    if: Client.isInstalled || Client.isRequired,
    "py-rattler is not installed; `make test` installs it"))
struct InstallTests {
  /// The forms of the index, in the order in which the client prefers them.
  enum Index: String, CaseIterable {
    case sharded = "repodata_shards.msgpack.zst"
    case compressed = "repodata.json.zst"
    case plain = "repodata.json"
  }

  /// The package needs one from linux-64, which needs two more from noarch.
  @Test(arguments: Index.allCases)
  func `a package and all it needs install and run`(from index: Index) async throws {
    let site = try await SampleSite()
    for better in Index.allCases.prefix(while: { $0 != index }) { try site.remove(better.rawValue) }
    let server = try RunningServer(serving: site.path, "--mount", "/condapkg")
    let scratch = try TemporaryDirectory()
    let prefix = scratch("environment")

    let client = try await Client.install(
      "hello-everything", for: "linux-64", from: server.url, into: prefix,
      cache: scratch("cache"))

    // The client may crash on exit after its work is done, so only the prefix counts.
    let installed = (try? prefix.appending("conda-meta").entryNames()) ?? []
    #expect(
      installed.filter { $0.hasSuffix(".json") } == [
        "hello-channel-1.1.0-0.json", "hello-data-1.1-0.json", "hello-everything-1.0.0-0.json",
        "hello-platform-1.0.0-0.json",
      ], "\(client.errors)")
    let greeting = try await Command.run(prefix.appending("bin/hello-platform").string)
    #expect(greeting.output.hasPrefix("Hello, Linux on "))

    #expect(await server.stop() == 0)
    let log = try server.accessLog
    for subdir in ["linux-64", "noarch"] {
      #expect(log.contains("GET /condapkg/\(subdir)/\(index.rawValue) "))
    }
  }
}

/// The Python environment that `make test` makes, and what runs in it.
enum Client {
  private static let python = Corpus.repository.appending(".build/venv/bin/python")
  private static let scripts = Corpus.repository.appending("Tests/EndToEnd/Clients")

  static var isInstalled: Bool { python.exists }

  /// Continuous integration must not pass by skipping.
  static var isRequired: Bool { ProcessInfo.processInfo.environment["CI"] != nil }

  static func install(
    _ package: String, for platform: String, from channel: String, into prefix: FilePath,
    cache: FilePath
  ) async throws -> Command {
    try await run("install.py", [channel, prefix.string, cache.string, platform, package])
  }

  static func run(_ script: String, _ arguments: [String]) async throws -> Command {
    try await Command.run(python.string, [scripts.appending(script).string] + arguments)
  }
}
