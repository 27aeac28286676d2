import ChannelCore
import Support
import SystemPackage
import Testing

/// What others have put where this tool publishes its documents.
@Suite struct ForeignDocumentsTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    try channel.add(PackageBlueprint("a"))
  }

  private func index(_ configure: (inout IndexOptions) -> Void = { _ in }) throws -> IndexReport {
    let notices = channel.directory("notices.json")
    try notices.write(#"{"notices":[]}"#)
    let found = try Notices(contentsOf: notices)
    return try channel.index { options in
      options.documents.channelURL = "https://example.org/channel"
      options.documents.notices = found
      configure(&options)
    }
  }

  private func yank() throws {
    let pattern = try #require(PackagePattern("a=*"))
    _ = try channel.indexer().yank([pattern], reason: "broken")
  }

  // MARK: What people write

  @Test(arguments: [
    ("index.html", "--no-home-page wants none"),
    ("rss.xml", "without --channel-url none is wanted"),
    ("notices.json", "without --notices none is wanted"),
    ("yanked.json", "move it away to have it made"),
  ])
  func `somebody's own document stays in every run, and each says so`(
    name: String, advice: String
  ) throws {
    try channel(name).write("mine")
    if name == "yanked.json" { try yank() }
    for _ in 1...3 {
      let report = try index()
      #expect(
        report.channel.warnings == [
          "\(name): stays as it is, since this tool did not make it; \(advice)"
        ])
      #expect(try channel(name).readText() == "mine")
    }
    let findings = try ChannelInspector(channel: channel.root).inspect().findings
    #expect(findings.map(\.path) == [name])
    #expect(findings.first?.problem == "was not made by this tool, which leaves it as it is")
    _ = try index { options in
      options.documents.homePage = false
      options.documents.channelURL = nil
      options.documents.notices = nil
    }
    #expect(try channel(name).readText() == "mine")
  }

  @Test func `once it is moved away, ours is made`() throws {
    try channel("rss.xml").write("mine")
    _ = try index()
    try channel("rss.xml").removeRecursively()
    #expect(try index().channel.warnings == [])
    #expect(try channel("rss.xml").readText().contains("example.org"))
    #expect(try ChannelInspector(channel: channel.root).inspect().findings == [])
  }

  @Test func `what was ours and was changed since is somebody's now`() throws {
    _ = try index()
    try channel("rss.xml").write("changed")
    #expect(try index().channel.warnings.count == 1)
    #expect(try channel("rss.xml").readText() == "changed")
  }

  @Test func `what is ours to the byte is known again when its record is lost`() throws {
    _ = try index()
    try channel(".channel/channel.generation").removeRecursively()
    #expect(try index().channel.warnings == [])
    #expect(try ChannelInspector(channel: channel.root).inspect().findings == [])
  }

  // MARK: What other tools make

  @Test func `an index of another tool gives way, and is kept`() throws {
    let index = #"{"info":{"subdir":"noarch"},"packages":{},"packages.conda":{}}"#
    try channel("noarch/repodata.json").write(index)
    try channel("noarch/run_exports.json").write("{}")
    try channel("channeldata.json").write("{}")
    let report = try channel.index()
    #expect(try channel.names() == ["a-1.0-0.conda"])
    let kept = channel(".channel/replaced")
    #expect(
      report.subdirs[0].warnings == [
        "repodata.json, run_exports.json of noarch: not made by this tool, whose own stand there now;"
          + " kept in \(kept)/noarch"
      ])
    #expect(
      report.channel.warnings == [
        "channeldata.json of the channel: not made by this tool, whose own stand there now;"
          + " kept in \(kept)"
      ])
    #expect(try kept.appending("noarch/repodata.json").readText() == index)
    #expect(try kept.appending("channeldata.json").readText() == "{}")
    let settled = try channel.snapshot()
    let again = try channel.index()
    #expect(again.subdirs[0].warnings + again.channel.warnings == [])
    #expect(try channel.snapshot() == settled)
  }

  @Test func `our own index gives way to nothing but our own, without a word`() throws {
    try channel.index()
    try channel.add(PackageBlueprint("b"))
    let report = try channel.index()
    #expect(report.subdirs[0].warnings + report.channel.warnings == [])
    #expect(!channel(".channel/replaced").exists)
  }

  @Test func `an index that was changed since is kept as well`() throws {
    try channel.index()
    try channel("noarch/repodata.json").write("changed")
    #expect(try channel.index().subdirs[0].warnings.count == 1)
    #expect(try channel(".channel/replaced/noarch/repodata.json").readText() == "changed")
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }
}
