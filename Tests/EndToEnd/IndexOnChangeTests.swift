import Support
import SystemPackage
import Testing

/// A server that keeps the index of what it serves.
@Suite struct IndexOnChangeTests {
  private let directory: TemporaryDirectory
  private var channel: FilePath { directory("channel") }

  init() throws {
    directory = try TemporaryDirectory()
    try channel.createDirectories()
  }

  /// Puts a package where it belongs, as those do who move it there.
  private func add(_ name: String) throws {
    let package = PackageBlueprint(name)
    try directory("channel/noarch").createDirectories()
    try directory(package.condaFileName).write(try package.conda())
    try directory(package.condaFileName).rename(
      to: directory("channel/noarch/\(package.condaFileName)"))
  }

  @Test func `packages are listed soon after they have come, by the same process`() async throws {
    try add("a")
    let server = try RunningServer(serving: channel, "--index-on-change")
    #expect(await server.says("noarch: 1 package, 1 added\n"))
    try add("b")
    #expect(await server.says("noarch: 2 packages, 1 added\n"))
    let repodata = try await Curl.get(server.url + "noarch/repodata.json").body
    #expect(repodata.contains("\"a-1.0-0.conda\"") && repodata.contains("\"b-1.0-0.conda\""))
    let metrics = try PrometheusText(try await Curl.get(server.url + "-/metrics").body)

    #expect(try metrics.value("channel_index_runs_total", "\"done\"") >= 2)
    #expect(try metrics.value("channel_index_runs_total", "\"failed\"") == 0)
    #expect(try metrics.value("channel_index_last_run_timestamp_seconds") > 1e9)
    #expect(await server.stop() == 0)
  }

  @Test func `the channel's own options hold, and a mistake in them is told`() async throws {
    try add("a")
    try directory("channel/.channel-index.conf").write("bz2 = maybe\n")
    let server = try RunningServer(serving: channel, "--index-on-change")
    #expect(await server.says(".channel-index.conf: line 1: "))
    try directory("channel/.channel-index.conf").write("bz2 = true\n")
    #expect(await server.says("noarch: 1 package, 1 added\n"))

    #expect(try await Curl.get(server.url + "noarch/repodata.json.bz2").status == 200)
    #expect(await server.stop() == 0)
  }

  @Test func `another indexer's turn is waited for while the server serves`() async throws {
    try add("a")
    try directory("channel/.channel/lock").write("")
    let lock = try LockedFile(directory("channel/.channel/lock"))
    let server = try RunningServer(serving: channel, "--index-on-change")
    #expect(try await Curl.get(server.url + "noarch/a-1.0-0.conda").status == 200)
    #expect(try await Curl.get(server.url + "noarch/repodata.json").status == 404)
    lock.unlock()

    #expect(await server.says("noarch: 1 package, 1 added\n"))
    #expect(await server.stop() == 0)
  }

  @Test func `a server that waits for another indexer stops all the same`() async throws {
    try directory("channel/.channel/lock").write("")
    let lock = try LockedFile(directory("channel/.channel/lock"))
    let server = try RunningServer(serving: channel, "--index-on-change", "--drain-timeout", "0")

    #expect(await server.stop() == 0)
    lock.unlock()
  }

  @Test(.enabled(if: TinyFileSystem.isAvailable, "needs the right to mount file systems"))
  func `a volume that cannot be written is told of in one line, and served`() async throws {
    let volume = try TinyFileSystem(kilobytes: 400)
    let package = PackageBlueprint("a").condaFileName
    try volume.path.appending("noarch").createDirectories()
    let noarch = volume.path.appending("noarch")
    try noarch.appending(package).write(try PackageBlueprint("a").conda())
    try noarch.appending("repodata.json").write(#"{"packages": {}, "packages.conda": {}}"#)
    try volume.makeReadOnly()
    let server = try RunningServer(serving: volume.path, "--index-on-change")
    #expect(await server.says("lies on a volume that is read-only here"))
    #expect(try await Curl.get(server.url + "noarch/\(package)").status == 200)
    // The next try, some seconds later, has nothing new to tell.
    var failed = 0.0
    while failed < 2 {
      let metrics = try PrometheusText(try await Curl.get(server.url + "-/metrics").body)
      failed = try metrics.value("channel_index_runs_total", "\"failed\"")
    }

    #expect(server.errors.split(separator: "\n").count { $0.contains("error: ") } == 1)
    #expect(await server.stop() == 0)
  }
}
