import Support
import SystemPackage
import Testing

/// The programs in `Examples` do what they say.
@Suite struct ExampleTests {
  @Test func `sample-channel writes the same bytes every time`() async throws {
    let directory = try TemporaryDirectory()
    let (first, second) = (directory("first"), directory("second"))
    for channel in [first, second] {
      let run = try await Command.run(Command.built("sample-channel"), channel.string)
      #expect(run.status == 0, "\(run.errors)")
    }
    let subdirs = try first.entryNames()
    #expect(subdirs.contains("noarch") && subdirs.contains("linux-64"))
    for subdir in subdirs {
      let names = try first.appending(subdir).entryNames()
      #expect(try second.appending(subdir).entryNames() == names)
      for name in names {
        let path = FilePath(subdir).appending(name)
        let bytes = try first.appending(path.components).readBytes()
        #expect(try second.appending(path.components).readBytes() == bytes, "\(path)")
      }
    }
  }

  @Test func `sample-channel without a folder says how it is used`() async throws {
    let run = try await Command.run(Command.built("sample-channel"))
    #expect(run.status == 64)
    #expect(run.errors == "usage: sample-channel DIRECTORY\n")
  }

  @Test func `index-folder publishes the packages of a folder`() async throws {
    let channel = try TemporaryDirectory()
    let package = PackageBlueprint("hello")
    try channel("noarch/\(package.condaFileName)").write(try package.conda())
    let run = try await Command.run(Command.built("index-folder"), channel.path.string)
    #expect(run.status == 0)
    #expect(run.output == "noarch: 1 published\n")
    #expect(try channel("noarch/repodata.json").readText().contains(package.condaFileName))
  }

  @Test func `embed-server serves a folder, asks it for its page and stops`() async throws {
    let directory = try TemporaryDirectory()
    let run = try await Command.run(Command.built("embed-server"), directory.path.string)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasSuffix("HTTP/1.1 200 OK\n"), "\(run.output)")
  }
}
