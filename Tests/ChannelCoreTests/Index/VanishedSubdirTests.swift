import ChannelCore
import Support
import SystemPackage
import Testing

/// Subdirs whose files are all gone at once, as they are where a file system is not mounted.
@Suite struct VanishedSubdirTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    try channel.add(PackageBlueprint("a"))
    try channel.add(PackageBlueprint("b", subdir: "linux-64"))
    try channel.index()
  }

  @Test(arguments: ["noarch", "linux-64"])
  func `an index whose documents went with the packages is not emptied`(subdir: String) throws {
    try channel(subdir).removeRecursively()
    try channel(subdir).createDirectories()
    let data = try channel("channeldata.json").readBytes()
    let report = try channel.index()
    #expect(report.failures.map(\.path) == [channel(subdir)])
    #expect(report.failures.first?.reason.contains("is a file system not mounted?") == true)
    #expect(try channel(subdir).entryNames() == [])
    #expect(try channel("channeldata.json").readBytes() == data)
  }

  @Test func `when they are there again, nothing has changed`() throws {
    let before = try channel.publicFiles()
    try channel("linux-64").rename(to: channel("away"))
    try channel("linux-64").createDirectories()
    try channel.index()
    try channel("linux-64").removeRecursively()
    try channel("away").rename(to: channel("linux-64"))
    #expect(try channel.index().failures == [])
    #expect(try channel.publicFiles() == before)
  }

  @Test func `whoever means it says so`() throws {
    try channel("linux-64").removeRecursively()
    try channel("linux-64").createDirectories()
    let report = try channel.index { $0.allowsEmpty = true }
    #expect(report.failures == [])
    #expect(try channel.names(in: "linux-64") == [])
    #expect(try channel.json("channeldata.json")["packages"]?.object?["b"] == nil)
  }

  @Test func `packages that were deleted by hand leave the index as ever`() throws {
    try channel("linux-64/b-1.0-0.conda").removeRecursively()
    #expect(try channel.index().failures == [])
    #expect(try channel.names(in: "linux-64") == [])
  }

  @Test func `a link to a subdir that leads nowhere is no deleted subdir`() throws {
    let elsewhere = channel.directory("elsewhere")
    try channel("linux-64").rename(to: elsewhere)
    try channel("linux-64").createSymbolicLink(to: elsewhere)
    #expect(try channel.index().failures == [])
    let data = try channel("channeldata.json").readBytes()
    try elsewhere.removeRecursively()
    let report = try channel.index()
    #expect(report.failures.map(\.path) == [channel("linux-64")])
    #expect(try channel("channeldata.json").readBytes() == data)
  }
}
