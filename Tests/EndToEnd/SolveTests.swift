import Support
import SystemPackage
import Testing

/// Solves against a running server with the engine that pixi uses.
@Suite(
  .enabled(
    if: Client.isInstalled || Client.isRequired,
    "py-rattler is not installed; `make test` installs it"))
struct SolveTests {
  /// Packages of the newest revision must not stop a client from using the others.
  @Test(arguments: InstallTests.Index.allCases)
  func `a channel with records of revision 3 can be solved against`(
    from index: InstallTests.Index
  ) async throws {
    let channel = try TemporaryDirectory()
    for (name, fields, depends) in [
      ("plain", [:], ["library >=1"]), ("library", [:], []),
      ("conditional", [:], [#"library[version=">=1",when="plain >=1"]"#]),
      ("extras", ["extra_depends": #"{"test":["library >=1"]}"#], ["plain"]),
      ("flagged", ["flags": #"["gpu"]"#], ["plain"]),
      ("marked", ["schema_version": "3"], ["plain 1.*"]),
    ] {
      var blueprint = PackageBlueprint(name, depends: depends)
      blueprint.indexFields = fields
      try channel("noarch/\(blueprint.condaFileName)").write(try blueprint.conda())
      try channel("noarch/\(blueprint.tarBz2FileName)").write(try blueprint.tarBz2())
    }
    try channel("linux-64").createDirectories()
    let run = try await Command.run(Command.built("channel-index"), channel.path.string)
    try #require(run.status == 0, "\(run.errors)")
    for better in InstallTests.Index.allCases.prefix(while: { $0 != index }) {
      for subdir in ["linux-64", "noarch"] {
        try channel("\(subdir)/\(better.rawValue)").removeRecursively()
      }
    }
    let server = try RunningServer(serving: channel.path)
    let cache = try TemporaryDirectory()
    for (name, chosen) in [
      ("plain", ["library", "plain"]), ("conditional", ["conditional"]),
      ("extras", ["extras", "library", "plain"]), ("flagged", ["flagged", "library", "plain"]),
      ("marked", ["library", "marked", "plain"]),
    ] {
      let solved = try await Client.solve(
        name, for: "linux-64", from: server.url, cache: cache.path)
      #expect(
        solved.output == chosen.map { "noarch/\($0)-1.0-0.conda\n" }.joined(),
        "\(name): \(solved.errors)")
    }
    #expect(await server.stop() == 0)
    #expect(try server.accessLog.contains("GET /noarch/\(index.rawValue) "))
  }
}

extension Client {
  static func solve(
    _ package: String, for platform: String, from channel: String, cache: FilePath
  ) async throws -> Command {
    try await run("solve.py", [channel, cache.string, platform, package])
  }
}
