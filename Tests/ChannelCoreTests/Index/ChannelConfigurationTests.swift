import ChannelCore
import Support
import SystemPackage
import Testing

@Suite struct ChannelConfigurationTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  private func options(_ text: String) throws -> IndexOptions {
    try channel(ChannelConfiguration.fileName).write(text)
    return try ChannelConfiguration.options(of: channel.layout)
  }

  private func reason(_ text: String) throws -> String {
    try channel(ChannelConfiguration.fileName).write(text)
    let error = #expect(throws: ChannelError.self) {
      try ChannelConfiguration.options(of: channel.layout)
    }
    #expect(error?.path == channel(ChannelConfiguration.fileName))
    return error?.reason ?? ""
  }

  @Test func `without a file the options are the usual ones`() throws {
    let options = try ChannelConfiguration.options(of: channel.layout)
    #expect(options.documents == DocumentOptions())
    #expect(options.retention == RetentionRules())
  }

  @Test func `options have their names on the command line`() throws {
    let options = try options(
      """
      # What this channel publishes.
      bz2 = true
      shards=false
        shard-grace = 1.5\r
      base-url = https://example.org/c

      check = syntax=refuse
      check = match-specs=off
      keep-versions = 5
      keep-days = 30
      keep = python=3.12.*
      keep = noarch/a=*
      subdir = noarch
      lock-timeout = 5
      patches = fixes.json
      """)
    #expect(options.documents.bzip2 && !options.documents.shards && options.documents.zstandard)
    #expect(options.documents.shardGrace == 129_600)
    #expect(options.documents.baseURL == "https://example.org/c")
    #expect(options.policy[.syntax] == .refuse && options.policy[.matchSpecs] == .off)
    #expect(options.retention.versions == 5 && options.retention.days == 30)
    #expect(options.retention.kept.map(\.description) == ["python=3.12.*", "noarch/a=*"])
    #expect(options.subdirs?.map(\.name) == ["noarch"])
    #expect(options.lockTimeout == 5)
    #expect(options.patches == channel("fixes.json"))
  }

  @Test func `files are meant from the channel's root, and what they lack is told`() throws {
    try channel("pins.yaml").write("a: [1.0]\n")
    let options = try options("current-repodata = true\npins = pins.yaml\nbase = ../main\n")
    #expect(options.documents.currentRepodata)
    #expect(options.documents.pins.versions == ["a": ["1.0"]])
    #expect(options.documents.relations.base == "../main")
    #expect(try reason("notices = none.json").contains("none.json"))
  }

  @Test(arguments: [
    ("bzip2 = true", "did you mean \"bz2\"?"), ("shard = true", "did you mean \"shards\"?"),
    ("keep-version = 2", "did you mean \"keep-versions\"?"),
    ("no-shards = true", "write shards = false"), ("no-shard = true", "did you mean \"shards\"?"),
    ("delete = true", "for the command line alone"), ("entirely-else = 1", "there are bz2, "),
    ("bz2", "is not name = value"), ("bz2 = yes", "true or false"), ("bz2 =", "no value"),
    ("bz2 = true\nbz2 = false", "line 2: bz2 is set a second time"),
    ("threads = 0", "from 1"), ("keep-days = -1", "from 0"), ("check = syntax", "name=level"),
    ("keep = numpy", "names no packages"), ("subdir = x", "not a subdir's name"),
    ("base-url = http://x/?y", "without query"),
  ])
  func `a line that cannot be followed is named with what could be meant`(
    line: String, advice: String
  ) throws {
    let reason = try reason(line)
    #expect(reason.contains(advice), "\(reason)")
  }

  @Test func `the line's number is told`() throws {
    #expect(try reason("# a\n\nbzip = 1").hasPrefix("line 3: "))
  }
}
