import ChannelCore
import Support
import Testing

@Suite struct RetentionRulesTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  private static let day = 86_400_000

  @discardableResult
  private func index(
    now: Int = 1_000, deleting: Bool = false, _ configure: (inout RetentionRules) -> Void
  ) throws -> IndexReport {
    try channel.index(now: now) { options in
      configure(&options.retention)
      options.deletesExpired = deleting
    }
  }

  private func add(_ stems: String...) throws {
    for stem in stems {
      let parts = stem.split(separator: "-").map(String.init)
      try channel.add(
        PackageBlueprint(
          parts[0], version: parts[1], build: parts[2], buildNumber: Int(parts[2].suffix(1)) ?? 0))
    }
  }

  private func listed() throws -> [String] {
    try channel.names().map { String($0.dropLast(".conda".count)) }
  }

  @Test func `the newest versions of each name stay`() throws {
    try add("a-1.9-0", "a-1.10-0", "a-2.0rc1-0", "b-1-0")
    let report = try index { $0.versions = 2 }
    #expect(try listed() == ["a-1.10-0", "a-2.0rc1-0", "b-1-0"])
    let subdir = try #require(report.subdirs.first)
    #expect(subdir.withheld.map(\.archive.fileName) == ["a-1.9-0.conda"])
    #expect(subdir.withheld.map(\.reason) == ["not among the newest 2 versions"])
    #expect(subdir.published == 3)
    #expect(try channel.repodata()["removed"] == .array([.string("a-1.9-0.conda")]))
    #expect(channel("noarch/a-1.9-0.conda").exists)
  }

  @Test func `a build number stays with all its variants`() throws {
    try add("a-1-x0", "a-1-x1", "a-1-y1", "a-1-x2", "a-1-y2", "a-1-y0")
    try index { $0.builds = 2 }
    #expect(try listed() == ["a-1-x1", "a-1-x2", "a-1-y1", "a-1-y2"])
  }

  @Test func `versions and builds are counted together`() throws {
    try add("a-1-0", "a-2-0", "a-2-1", "a-3-0", "a-3-1")
    try index {
      $0.versions = 2
      $0.builds = 1
    }
    #expect(try listed() == ["a-2-1", "a-3-1"])
  }

  @Test func `what appeared lately stays whatever else is said`() throws {
    try add("a-1-0")
    try channel.index(now: 0)
    try add("a-2-0", "a-3-0")
    try channel.index(now: 5 * Self.day)
    let rules: (inout RetentionRules) -> Void = {
      $0.versions = 1
      $0.days = 3
    }
    try index(now: 6 * Self.day, rules)
    #expect(try listed() == ["a-2-0", "a-3-0"])
    try index(now: 9 * Self.day, rules)
    #expect(try listed() == ["a-3-0"])
  }

  @Test func `by age alone the newest of a name stays, however old`() throws {
    try add("a-1-0", "b-1-0", "b-2-0")
    try channel.index(now: 0)
    let report = try index(now: 10 * Self.day) { $0.days = 3 }
    #expect(try listed() == ["a-1-0", "b-2-0"])
    #expect(report.subdirs.first?.withheld.map(\.reason) == ["older than 3 days"])
  }

  @Test func `packages that a pattern names stay`() throws {
    try add("a-1-0", "a-2-0", "a-3-0")
    try index {
      $0.versions = 1
      $0.kept = [PackagePattern("noarch/a=1")].compactMap(\.self)
    }
    #expect(try listed() == ["a-1-0", "a-3-0"])
  }

  @Test func `both formats of the newest build stay`() throws {
    try add("a-1-0", "a-2-0")
    try channel.add(PackageBlueprint("a", version: "2"), .tarBz2)
    try index { $0.versions = 1 }
    #expect(try channel.names() == ["a-2-0.conda", "a-2-0.tar.bz2"])
  }

  @Test func `what is yanked is not the newest of anything`() throws {
    try add("a-1-0", "a-2-0")
    try channel.index()
    _ = try channel.indexer().yank([PackagePattern("a=2")].compactMap(\.self), reason: "broken")
    try index { $0.versions = 1 }
    #expect(try listed() == ["a-1-0"])
  }

  @Test func `without the rules everything is listed again`() throws {
    try add("a-1-0", "a-2-0")
    try channel.index()
    let before = try channel.publicFiles()
    try index { $0.versions = 1 }
    #expect(try listed() == ["a-2-0"])
    try channel.index()
    #expect(try listed() == ["a-1-0", "a-2-0"])
    #expect(try channel.publicFiles().filter { before[$0.key] != nil } == before)
  }

  @Test func `files are deleted only when that is asked for`() throws {
    try add("a-1-0", "a-2-0", "a-3-0")
    try channel.index()
    _ = try channel.indexer().yank([PackagePattern("a=2")].compactMap(\.self), reason: "broken")
    let report = try index(deleting: true) { $0.versions = 1 }
    #expect(report.failures.isEmpty)
    #expect(report.subdirs.first?.removed.map(\.fileName) == ["a-1-0.conda"])
    #expect(!channel("noarch/a-1-0.conda").exists)
    #expect(channel("noarch/a-2-0.conda").exists)
    #expect(try channel.repodata()["removed"] == .array([.string("a-2-0.conda")]))
  }

  @Test func `a rehearsal names what would go and who needs it, and changes nothing`() throws {
    try add("b-1-0", "b-2-0")
    try channel.add(PackageBlueprint("a", depends: ["b ==1", "b >=1", "c"]))
    try channel.index()
    let before = try channel.snapshot()
    let report = try channel.indexer { $0.retention.versions = 1 }.rehearse()
    #expect(try channel.snapshot() == before)
    let subdir = try #require(report.subdirs.first)
    #expect(subdir.withheld.map(\.archive.fileName) == ["b-1-0.conda"])
    #expect(subdir.warnings == ["a-1.0-0.conda needs b ==1, which is listed no longer"])
  }
}
