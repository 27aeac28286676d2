import Foundation
import Support
import SystemPackage
import Testing

/// The commands by which an operator looks after a channel: what they print, and how they end.
@Suite struct OperatingTests {
  private let directory: TemporaryDirectory
  private let package: FilePath

  private var channel: String { directory("channel").string }

  init() async throws {
    directory = try TemporaryDirectory()
    package = directory("incoming/a-1.0-0.conda")
    try package.write(try PackageBlueprint("a").conda())
    try directory("channel").createDirectories()
  }

  private func run(_ arguments: String...) async throws -> Command {
    try await Command.run(Command.built("channel-index"), arguments)
  }

  @Test func `a package is added once, and adding it again is a success`() async throws {
    let first = try await run("add", channel, package.string)
    #expect(first.status == 0 && first.errors == "")
    #expect(first.output.contains("noarch/a-1.0-0.conda: added\n"))
    let second = try await run("add", channel, package.string)
    #expect(second.status == 0 && second.output.contains("already there"))
    try package.write(try PackageBlueprint("a", depends: ["b"]).conda())
    let third = try await run("add", channel, package.string)
    #expect(third.status == 3 && third.errors.contains("holds other bytes"))
    #expect(try await run("add", channel, package.string, "--replace").status == 0)
  }

  @Test func `what no index lists is named when it is added`() async throws {
    _ = try await run("add", channel, package.string)
    _ = try await run("yank", channel, "a=1.0", "--reason", "broken")
    let again = try await run("add", channel, package.string)
    #expect(again.status == 0)
    #expect(!again.output.contains("a-1.0-0.conda: "))
    #expect(
      again.errors
        == "channel-index: not listed: noarch/a-1.0-0.conda (already there): yanked: broken\n")
  }

  @Test func `a file in the place of a channel is named`() async throws {
    for command in ["index", "init", "stats", "verify"] {
      let run = try await run(command, package.string)
      #expect(run.status == 1)
      #expect(run.errors.hasPrefix("channel-index: error: \(package): "))
      #expect(run.errors.lowercased().contains("not a directory"), "\(command): \(run.errors)")
    }
  }

  @Test func `closed streams are not taken for files of the channel`() async throws {
    let index = Command.built("channel-index")
    for redirection in [">&-", "2>&-", "<&- >&- 2>&-"] {
      let shell = try await Command.run(
        "/bin/sh",
        ["-c", "exec \"$0\" add \"$1\" \"$2\" --replace \(redirection)"]
          + [index, channel, package.string])
      #expect(shell.status == 0, "\(redirection): \(shell.errors)")
      let verify = try await run("verify", channel, "--digests")
      #expect(verify.status == 0, "\(redirection): \(verify.output)")
    }
  }

  @Test func `a package is yanked with a reason, shown, and listed again`() async throws {
    _ = try await run("add", channel, package.string)
    let yank = try await run("yank", channel, "a=1.0", "--reason", "broken")
    #expect(yank.status == 0 && yank.output.hasPrefix("noarch/a-1.0-0.conda: yanked\n"))
    let verify = try await run("verify", channel)
    #expect(verify.status == 0 && verify.output.contains("noarch/a-1.0-0.conda: yanked: broken"))
    #expect(try await run("stats", channel).output.contains("yanked: 1"))
    #expect(try await run("unyank", channel, "a=*").status == 0)
  }

  @Test func `a rehearsed removal changes nothing, and a removal deletes`() async throws {
    _ = try await run("add", channel, package.string)
    let file = directory("channel/noarch/a-1.0-0.conda")
    #expect(try await run("remove", channel, "a=*", "--dry-run").output.contains("would be"))
    #expect(file.exists)
    #expect(try await run("remove", channel, "a=*").status == 0)
    #expect(!file.exists)
    let none = try await run("remove", channel, "a=*")
    #expect(none.status == 1 && none.errors.contains("means no package"))
    #expect(try await run("remove", channel, "a").status == 64)
  }

  @Test func `verify, diff and stats speak JSON, and their status says what was found`()
    async throws
  {
    _ = try await run("add", channel, package.string)
    try directory("channel/noarch/b-1.0-0.conda").write(try PackageBlueprint("b").conda())
    for (command, status) in [("verify", 3), ("diff", 3), ("stats", 0)] as [(String, Int32)] {
      let run = try await run(command, channel, "--json")
      #expect(run.status == status, "\(command): \(run.errors)")
      #expect(throws: Never.self) {
        try JSONSerialization.jsonObject(with: Data(run.output.utf8))
      }
    }
    #expect(try await run("diff", channel).output == "+ noarch/b-1.0-0.conda\n")
    #expect(try await run("verify", directory("none").string).status == 1)
  }

  @Test func `the channel's own options hold unless the command line says otherwise`()
    async throws
  {
    try directory("channel/.channel-index.conf").write("bz2 = true\nshards = false\n")
    _ = try await run("add", channel, package.string)
    let (bzip2, shards) = (
      directory("channel/noarch/repodata.json.bz2"), directory("channel/noarch/shards")
    )
    #expect(bzip2.exists && !shards.exists)
    _ = try await run(channel, "--no-bz2", "--shards")
    #expect(!bzip2.exists && shards.exists)
    try directory("channel/.channel-index.conf").write("bzip2 = true\n")
    let wrong = try await run(channel)
    #expect(wrong.status == 1 && wrong.errors.contains("did you mean \"bz2\"?"))
  }

  @Test func `every option can stand in the channel's configuration but those of one run`()
    async throws
  {
    // A name like no other makes the error list all there are.
    try directory("channel/.channel-index.conf").write("xxxxxxxxxxxxxxxxxxxxxxxxxxxxx = 1\n")
    let listed = try #require(
      try await run(channel).errors.trimmingCharacters(in: .newlines)
        .components(separatedBy: "there are ").last)
    let help = try await run("index", "--experimental-dump-help").output
    let options = Set(
      help.matches(of: /"kind"\s*:\s*"long",\s*"name"\s*:\s*"([^"]+)"/).map { String($0.output.1) }
        .filter { !$0.hasPrefix("no-") })
    let forOneRun: Set = [
      "allow-empty", "color", "delete", "dry-run", "force", "help", "quiet", "report", "verbose",
      "verify", "version", "watch",
    ]
    #expect(options.count > 20)
    #expect(Set(listed.components(separatedBy: ", ")) == options.subtracting(forOneRun))
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a watch ends in order when it is told to`(signal: Int32) async throws {
    let (output, errors) = (directory("output"), directory("errors"))
    let watch = try ChildProcess(
      Command.built("channel-index"), [channel, "--watch"],
      output: try Command.handle(writing: output), errors: try Command.handle(writing: errors))
    // Its first run makes the index; by then it knows which signals end it.
    let index = directory("channel/noarch/repodata.json")
    try #require(await watch.runs(until: { index.exists }), "\((try? errors.readText()) ?? "")")
    watch.send(signal)
    #expect(await watch.end() == 0)
    #expect(try errors.readText() == "")
  }

  @Test func `a watch follows the channel's configuration, but the command line wins`()
    async throws
  {
    let configuration = directory("channel/.channel-index.conf")
    try configuration.write("bz2 = true\n")
    let (output, errors) = (directory("output"), directory("errors"))
    let watch = try ChildProcess(
      Command.built("channel-index"), [channel, "--watch", "--no-bz2"],
      output: try Command.handle(writing: output), errors: try Command.handle(writing: errors))
    let (runExports, page) = (
      directory("channel/noarch/run_exports.json"), directory("channel/index.html")
    )
    try #require(await watch.runs(until: { page.exists }), "\((try? errors.readText()) ?? "")")
    #expect(runExports.exists)
    try configuration.write("bz2 = true\nrun-exports = false\n")
    try #require(
      await watch.runs(until: { !runExports.exists }), "\((try? errors.readText()) ?? "")")
    watch.send(SIGTERM)
    #expect(await watch.end() == 0)
    #expect(!directory("channel/noarch/repodata.json.bz2").exists)
    #expect(try errors.readText() == "")
  }
}
