import ChannelCore
import Support
import SystemPackage
import Testing

@Suite struct ChannelStatisticsTests {
  @Test func `packages, names and bytes are counted by subdir and by month`() throws {
    let channel = try TestChannel()
    var files = [try channel.add(PackageBlueprint("a")), try channel.add(PackageBlueprint("b"))]
    // 2026-10-31T23:59:59Z
    try channel.index(now: 1_793_491_199_000)
    files.append(try channel.add(PackageBlueprint("a", version: "2")))
    files.append(try channel.add(PackageBlueprint("a", subdir: "linux-64")))
    try channel.index(now: 1_793_491_200_000)

    let statistics = try ChannelStatistics(of: channel.root)
    #expect(statistics.total.packages == 4 && statistics.total.names == 2)
    #expect(statistics.total.bytes == (try files.map { try $0.readBytes().count }.reduce(0, +)))
    #expect(
      statistics.subdirs.mapValues(\.packages)
        == Dictionary(
          uniqueKeysWithValues: [("noarch", 3), ("linux-64", 1)].compactMap { name, count in
            Platform(name).map { ($0, count) }
          }))
    #expect(statistics.months.map(\.name) == ["2026-10", "2026-11"])
    #expect(statistics.months.map(\.packages) == [2, 2])
    let json = try #require(try JSONReader.value(in: statistics.json).object)
    #expect(json["packages"]?.integer == 4 && json["yanked"]?.integer == 0)
  }
}
