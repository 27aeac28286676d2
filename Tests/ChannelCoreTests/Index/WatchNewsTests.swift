import ChannelCore
import Support
import Testing

@Suite struct WatchNewsTests {
  private let channel: TestChannel
  private var news = WatchNews()

  init() throws {
    channel = try TestChannel()
  }

  private mutating func run() throws -> IndexReport {
    news.news(of: .success(try channel.index()))
  }

  @Test mutating func `what changed is told, and what did not is not`() throws {
    try channel.add(PackageBlueprint("a"))
    #expect(try run().subdirs.map(\.summary) == ["noarch: 1 package, 1 added"])

    #expect(try run().subdirs.isEmpty)
  }

  @Test mutating func `a package that is left out is told of once, and again when it comes back`()
    throws
  {
    let bad = channel("noarch/bad-1-0.conda")
    try bad.write("no package")
    #expect(try run().quarantined.count == 1)
    #expect(try run().quarantined.isEmpty)
    try bad.rename(to: channel("noarch/bad.txt"))
    _ = try run()
    try channel("noarch/bad.txt").rename(to: bad)

    #expect(try run().quarantined.count == 1)
  }
}
