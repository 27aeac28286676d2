import Support
import SystemPackage
import Testing

/// `channel-index --patches`: what is printed, and what the engine that pixi uses makes of it.
@Suite struct PatchTests {
  private let channel: TemporaryDirectory
  private let outside: TemporaryDirectory

  init() throws {
    channel = try TemporaryDirectory()
    outside = try TemporaryDirectory()
    for (version, depends) in [("1.0", ["old"]), ("2.0", []), ("3.0", [])] {
      try add(PackageBlueprint("a", version: version, depends: depends))
    }
    for name in ["old", "new"] { try add(PackageBlueprint(name)) }
    try channel("linux-64").createDirectories()
    try outside("patches.json").write(
      #"""
      {"patch_instructions_version":1,
       "packages":{"a-1.0-0.tar.bz2":{"depends":["new"]}},
       "remove":["a-3.0-0.tar.bz2"],"revoke":["a-2.0-0.tar.bz2"]}
      """#)
  }

  private func add(_ blueprint: PackageBlueprint) throws {
    try channel("noarch/\(blueprint.condaFileName)").write(try blueprint.conda())
    try channel("noarch/\(blueprint.tarBz2FileName)").write(try blueprint.tarBz2())
  }

  private func index(_ arguments: String...) async throws -> Command {
    try await Command.run(Command.built("channel-index"), [channel.path.string] + arguments)
  }

  @Test func `a rehearsal says what patches would change, field by field`() async throws {
    #expect(try await index().status == 0)
    let run = try await index("--patches", outside("patches.json").string, "--dry-run")
    #expect(
      run.output.hasPrefix(
        """
        linux-64: 0 packages, unchanged
        noarch: 8 packages, 4 changed, 2 removed
          - a-3.0-0.conda
          - a-3.0-0.tar.bz2
          ~ a-1.0-0.conda
              depends: ["old"] → ["new"]
          ~ a-1.0-0.tar.bz2
              depends: ["old"] → ["new"]
          ~ a-2.0-0.conda
              depends: [] → ["package_has_been_revoked"]
              revoked: none → true

        """))
    #expect(try await index().output.hasSuffix("noarch: 10 packages, unchanged\n"))
  }

  @Test func `instructions that concern nothing are warned of, and do not fail the run`()
    async throws
  {
    try outside("odd.json").write(#"{"patch_instructions_version":2,"remove":["x-1-0.conda"]}"#)
    let run = try await index("--patches", outside("odd.json").string)
    #expect(run.status == 0)
    #expect(
      run.errors == "channel-index: warning: \(outside("odd.json")): "
        + "remove: \"x-1-0.conda\" matches no package\n")
  }

  @Test func `instructions that cannot be followed fail the run, and nothing is published`()
    async throws
  {
    try outside("bad.json").write(#"{"patch_instructions_version":9}"#)
    let run = try await index("--patches", outside("bad.json").string)
    #expect(run.status == 1)
    #expect(
      run.errors == "channel-index: error: \(outside("bad.json")): "
        + "\"patch_instructions_version\" is 9; known are 1 and 2\n")
    #expect(try channel("noarch").entryNames().allSatisfy { $0.contains("-") })
  }

  @Test(
    .enabled(
      if: Client.isInstalled || Client.isRequired,
      "py-rattler is not installed; `make test` installs it"),
    arguments: InstallTests.Index.allCases)
  func `a client solves by what patches say, and again by the packages once they are dropped`(
    through index: InstallTests.Index
  ) async throws {
    for (arguments, chosen) in [
      (["--patches", outside("patches.json").string], ["a-1.0-0", "new-1.0-0"]),
      ([], ["a-3.0-0"]),
    ] {
      let run = try await Command.run(
        Command.built("channel-index"), [channel.path.string] + arguments)
      try #require(run.status == 0, "\(run.errors)")
      for better in InstallTests.Index.allCases.prefix(while: { $0 != index }) {
        for subdir in ["linux-64", "noarch"] {
          try channel("\(subdir)/\(better.rawValue)").removeRecursively()
        }
      }
      let server = try RunningServer(serving: channel.path)
      let cache = try TemporaryDirectory()
      let solved = try await Client.solve("a", for: "linux-64", from: server.url, cache: cache.path)
      #expect(solved.output == chosen.map { "noarch/\($0).conda\n" }.joined(), "\(solved.errors)")
      #expect(await server.stop() == 0)
      #expect(try server.accessLog.contains("GET /noarch/\(index.rawValue) "))
    }
  }
}
