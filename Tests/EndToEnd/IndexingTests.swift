import Support
import SystemPackage
import Testing

/// What `channel-index` tells its caller.
@Suite struct IndexingTests {
  @Test func `init lays out the usual subdirs, each with an index`() async throws {
    let channel = try TemporaryDirectory()
    let run = try await Command.run(Command.built("channel-index"), "init", channel.path.string)
    #expect(run.status == 0, "\(run.errors)")
    let subdirs = [
      "linux-32", "linux-64", "linux-aarch64", "noarch", "osx-64", "osx-arm64", "win-32", "win-64",
    ]
    #expect(try channel.path.entryNames().filter { !$0.contains(".") } == subdirs)
    for subdir in subdirs {
      #expect(channel("\(subdir)/repodata.json").exists)
      #expect(channel("\(subdir)/repodata.json.zst").exists)
    }
  }

  @Test func `init lays out the subdirs asked for and noarch`() async throws {
    let channel = try TemporaryDirectory()
    let run = try await Command.run(
      Command.built("channel-index"), "init", channel.path.string, "--subdir", "linux-64")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try channel.path.entryNames().filter { !$0.contains(".") } == ["linux-64", "noarch"])
  }

  @Test func `a broken package is named, and the others are published`() async throws {
    let channel = try TemporaryDirectory()
    let good = PackageBlueprint("good")
    let broken = PackageBlueprint("broken")
    try channel("noarch/\(good.tarBz2FileName)").write(try good.tarBz2())
    try channel("noarch/\(broken.condaFileName)").write(
      Array(try broken.conda().prefix(100)))

    let run = try await Command.run(Command.built("channel-index"), channel.path.string)

    #expect(run.status == 3)
    #expect(run.errors.contains(broken.condaFileName))
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    let index = try channel("noarch/repodata.json").readText()
    #expect(index.contains(good.tarBz2FileName))
    #expect(!index.contains(broken.condaFileName))
  }

  @Test func `a folder that is not there is named in one line`() async throws {
    let directory = try TemporaryDirectory()
    let missing = directory("missing").string
    let run = try await Command.run(Command.built("channel-index"), missing)
    #expect(run.status == 1)
    #expect(run.errors.contains(missing))
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }

  @Test func `an option that does not exist is wrong usage`() async throws {
    let run = try await Command.run(Command.built("channel-index"), "--no-such-option")
    #expect(run.status == 64)
  }
}
