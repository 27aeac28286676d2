import Foundation
import Support
import SystemPackage
import Testing

/// The options of `channel-index`, and what it prints.
@Suite struct IndexOptionsTests {
  private let channel: TemporaryDirectory

  init() throws {
    channel = try TemporaryDirectory()
    try add(PackageBlueprint("a"))
  }

  @discardableResult
  private func add(_ blueprint: PackageBlueprint) throws -> FilePath {
    let file = channel("\(blueprint.subdir)/\(blueprint.condaFileName)")
    try file.write(try blueprint.conda())
    return file
  }

  private func index(_ arguments: String...) async throws -> Command {
    try await Command.run(Command.built("channel-index"), [channel.path.string] + arguments)
  }

  private func names() throws -> [String] {
    try channel.path.entryNames() + channel("noarch").entryNames()
  }

  // MARK: What is printed

  @Test func `each subdir has a line, and nothing else is printed`() async throws {
    try add(PackageBlueprint("b", subdir: "linux-64"))
    let first = try await index()
    #expect(first.status == 0)
    #expect(first.output == "linux-64: 1 package, 1 added\nnoarch: 1 package, 1 added\n")
    #expect(first.errors == "")
    try add(PackageBlueprint("c"))
    let second = try await index()
    #expect(second.output == "linux-64: 1 package, unchanged\nnoarch: 2 packages, 1 added\n")
  }

  @Test func `no progress bar is drawn where there is no terminal`() async throws {
    for number in 0..<30 { try add(PackageBlueprint("p\(number)")) }
    let run = try await index("--color", "always")
    #expect(run.output.hasPrefix("noarch: 31 packages, 31 added"))
    #expect(run.errors == "")
  }

  @Test func `with -v every package is named that was added, changed or removed`() async throws {
    let removed = try add(PackageBlueprint("b"))
    let first = try await index("-v")
    #expect(first.output == "noarch: 2 packages, 2 added\n  + a-1.0-0.conda\n  + b-1.0-0.conda\n")
    try add(PackageBlueprint("a", depends: ["c"]))
    try removed.removeRecursively()
    let second = try await index("--verbose")
    #expect(
      second.output
        == "noarch: 1 package, 1 changed, 1 removed\n  - b-1.0-0.conda\n  ~ a-1.0-0.conda\n")
  }

  @Test func `with -q only what went wrong is printed`() async throws {
    try add(PackageBlueprint("b", build: "x!"))
    try channel("noarch/bad-1-0.conda").write("bad")
    let run = try await index("-q")
    #expect(run.status == 3)
    #expect(run.output == "")
    let lines = run.errors.split(separator: "\n")
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("channel-index: left out: ") == true)
  }

  @Test(arguments: [("always", true), ("never", false), ("auto", false)])
  func `colours are used when they are asked for, or on a terminal`(
    color: String, isColored: Bool
  ) async throws {
    try channel("noarch/bad-1-0.conda").write("bad")
    let run = try await index("--color", color, "-v")
    #expect(run.output.contains("\u{1B}[32m  + a-1.0-0.conda\u{1B}[0m") == isColored)
    #expect(run.errors.hasPrefix("\u{1B}[31mchannel-index: left out: ") == isColored)
    #expect(run.output.contains("\u{1B}") == isColored)
    #expect(run.errors.contains("\u{1B}") == isColored)
  }

  // MARK: Exit status

  @Test func `the exit status says whether all, not all or nothing was published`() async throws {
    #expect(try await index().status == 0)
    try channel("noarch/bad-1-0.conda").write("bad")
    #expect(try await index().status == 3)
    try channel("noarch/repodata.json").removeRecursively()
    try channel("noarch/repodata.json").createDirectories()
    let run = try await index()
    #expect(run.status == 1)
    #expect(run.errors.contains("channel-index: error: \(channel("noarch").string)"))
  }

  @Test(arguments: [
    ["-q", "-v"], ["--threads", "0"], ["--threads", "x"], ["--lock-timeout", "-1"],
    ["--subdir", "Linux-64"], ["--subdir", "../x"], ["--check", "nothing=off"],
    ["--check", "syntax"], ["--check", "syntax=maybe"], ["--color", "blue"],
    ["--shard-grace", "-1"], ["--shard-grace", "1e9"], ["more"],
  ])
  func `a senseless option is wrong usage and changes nothing`(arguments: [String]) async throws {
    let run = try await Command.run(
      Command.built("channel-index"), [channel.path.string] + arguments)
    #expect(run.status == 64)
    #expect(run.errors.contains("Usage: channel-index"))
    #expect(run.output == "")
    #expect(try names() == ["noarch", "a-1.0-0.conda"])
  }

  // MARK: Options

  @Test func `a dry run says what would change, field by field, and changes nothing`() async throws
  {
    let first = try await index("--dry-run")
    #expect(first.status == 0)
    #expect(first.output == "noarch: 1 package, 1 added\n  + a-1.0-0.conda\n")
    #expect(try names() == ["noarch", "a-1.0-0.conda"])
    _ = try await index()
    try add(PackageBlueprint("a", depends: ["c"]))
    let repodata = try channel("noarch/repodata.json").readBytes()
    let second = try await index("--dry-run")
    #expect(second.output.hasPrefix("noarch: 1 package, 1 changed\n  ~ a-1.0-0.conda\n"))
    #expect(second.output.contains("      depends: [] → [\"c\"]\n"))
    #expect(try channel("noarch/repodata.json").readBytes() == repodata)
  }

  @Test func `a report holds all that was found and done, as JSON`() async throws {
    struct Report: Decodable {
      struct Failure: Decodable { var path: String, reason: String }
      struct Quarantined: Decodable { var code: String, path: String, reason: String }
      struct Update: Decodable { var file: String, fields: [String] }
      struct Subdir: Decodable {
        var subdir: String, published: Int, added: [String], removed: [String], updated: [Update]
        var quarantined: [Quarantined], warnings: [String], written: [String]
      }
      var subdirs: [Subdir], failures: [Failure], warnings: [String]
    }
    let removed = try add(PackageBlueprint("b"))
    _ = try await index()
    try removed.removeRecursively()
    try add(PackageBlueprint("a", depends: ["c"]))
    try add(PackageBlueprint("d", build: "x!"))
    try channel("noarch/bad-1-0.conda").write("bad")
    try channel("odd/x-1-0.conda").write("x")
    let directory = try TemporaryDirectory()
    let file = directory("report.json")
    let run = try await index("--report", file.string)
    #expect(run.status == 3)
    let report = try JSONDecoder().decode(Report.self, from: Data(file.readBytes()))
    let subdir = try #require(report.subdirs.first)
    #expect(report.subdirs.count == 1 && subdir.subdir == "noarch" && subdir.published == 2)
    #expect(subdir.added == ["d-1.0-x!.conda"] && subdir.removed == ["b-1.0-0.conda"])
    #expect(subdir.updated.map(\.file) == ["a-1.0-0.conda"])
    #expect(subdir.updated.first?.fields.contains("depends") == true)
    #expect(subdir.quarantined.map(\.code) == ["damaged"])
    #expect(subdir.quarantined.first?.path == channel("noarch/bad-1-0.conda").string)
    #expect(subdir.quarantined.first?.reason.isEmpty == false)
    #expect(subdir.warnings.count == 1 && report.warnings.count == 1 && report.failures.isEmpty)
    #expect(
      subdir.written.sorted() == [
        "repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst", "run_exports.json",
        "run_exports.json.zst",
      ])
  }

  @Test func `a report that cannot be written is an error that names it`() async throws {
    let run = try await index("--report", channel("none/report.json").string)
    #expect(run.status == 1)
    #expect(run.errors.contains(channel("none/report.json").string))
    #expect(run.errors.contains("No such file or directory"))
  }

  @Test func `only the subdirs that are named are indexed`() async throws {
    for subdir in ["linux-64", "osx-64"] { try add(PackageBlueprint("b", subdir: subdir)) }
    let run = try await index("--subdir", "linux-64", "--subdir", "noarch")
    #expect(run.output == "linux-64: 1 package, 1 added\nnoarch: 1 package, 1 added\n")
    #expect(channel("osx-64/repodata.json").exists == false)
  }

  @Test func `checks have the level that is set for them`() async throws {
    try add(PackageBlueprint("b", build: "x!"))
    let usual = try await index()
    #expect(usual.status == 0 && usual.errors.contains("(syntax)"))
    let strict = try await index("--check", "syntax=refuse")
    #expect(strict.status == 3 && strict.errors.contains("left out"))
    let lenient = try await index("--check", "syntax=refuse", "--check", "syntax=off")
    #expect(lenient.status == 0 && lenient.errors == "")
  }

  @Test func `documents that are not wanted are not made`() async throws {
    _ = try await index("--no-zst", "--no-shards", "--no-run-exports", "--bz2")
    #expect(
      try channel("noarch").entryNames() == ["a-1.0-0.conda", "repodata.json", "repodata.json.bz2"])
  }

  @Test func `the documents that are asked for are made, and the files they come from are read`()
    async throws
  {
    try channel("pins.yaml").write("a: [1.0, 9]\n")
    let notice = """
      [{"id":"n","message":"Hello","level":"info","created_at":"2026-01-01T00:00:00Z",\
      "expires_at":"2026-02-01T00:00:00Z"}]
      """
    try channel("news.json").write(notice)
    let run = try await index(
      "--current-repodata", "--pins", channel("pins.yaml").string, "--channel-url",
      "https://example.org/c", "--notices", channel("news.json").string, "--base", "../forge")
    #expect(run.status == 0)
    #expect(run.errors == "channel-index: warning: the pin a=9 matches no package\n")
    let feed = try channel("rss.xml").readText()
    #expect(feed.contains("https://example.org/c/noarch/a-1.0-0.conda"))
    #expect(try channel("notices.json").readText().contains("Hello"))
    let current = try channel("noarch/current_repodata.json").readText()
    #expect(current.contains(#""channel_relations":{"base":"../forge"}"#))
    let without = try await index("--no-channeldata")
    #expect(without.output.contains("channel: channeldata.json removed\n"))
    #expect(!channel("noarch/current_repodata.json").exists)
  }

  @Test(arguments: [
    (["--pins", "x"], "--pins is for --current-repodata."),
    (["--base", "forge"], "\"forge\" is not a path that begins with ../"),
    (["--channel-url", "a b"], "--channel-url takes a URL without query and fragment."),
    (["--notices", "/nowhere/n.json"], "/nowhere/n.json: cannot be read"),
  ])
  func `documents that cannot be made as asked are wrong usage`(
    arguments: [String], reason: String
  ) async throws {
    let run = try await Command.run(
      Command.built("channel-index"), [channel.path.string] + arguments)
    #expect(run.status == 64)
    #expect(run.errors.contains(reason))
    #expect(try channel.path.entryNames() == ["noarch"])
  }

  @Test(arguments: ["--force", "--verify"])
  func `a run that reads all again changes nothing that is right`(option: String) async throws {
    _ = try await index()
    let before = try channel("noarch/repodata.json").readBytes()
    let run = try await index(option)
    #expect(run.status == 0 && run.errors == "")
    #expect(run.output == "noarch: 1 package, unchanged\n")
    #expect(try channel("noarch/repodata.json").readBytes() == before)
  }

  @Test func `a channel that another holds is named with its holder after the wait`() async throws {
    _ = try await index()
    let lock = channel(".channel/lock")
    let held = try LockedFile(lock)
    let run = try await index("--lock-timeout", "0.05")
    held.unlock()
    #expect(run.status == 1)
    #expect(run.output == "")
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(run.errors.hasPrefix("channel-index: error: \(lock.string): another indexer (process "))
    #expect(run.errors.contains("0.05 s"))
    #expect(try await index("--lock-timeout", "0").status == 0)
  }
}
