import ChannelCore
import Support
import SystemPackage
import Testing

@Suite struct FeedTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  private func feed(now: Int = 1_795_334_446_787, url: String = "https://example.org/c") throws
    -> String
  {
    try channel.index(now: now) { $0.documents.channelURL = url }
    return try channel("rss.xml").readText()
  }

  @Test func `an item names the package, its time and where the operator serves it`() throws {
    var blueprint = PackageBlueprint("a", version: "1!2.0")
    blueprint.about["summary"] = #""Less < more & \"all\"""#
    let file = try channel.add(blueprint)
    let digest = Digest.sha256(of: try file.readBytes())
    let expected = """
      <item>
      <title>a-1!2.0-0 (noarch)</title>
      <link>https://example.org/c/noarch/a-1%212.0-0.conda</link>
      <guid isPermaLink="false">noarch sha256:\(digest)</guid>
      <pubDate>Sun, 22 Nov 2026 08:00:46 +0000</pubDate>
      <description>Less &lt; more &amp; &quot;all&quot;</description>
      </item>
      """
    #expect(try feed().contains(expected))
  }

  @Test func `what an operator's URL holds is escaped, and any XML reader reads the feed`() throws {
    var blueprint = PackageBlueprint("a")
    blueprint.about["summary"] = #""]]>\u0001<script>""#
    try channel.add(blueprint)
    let text = try feed(url: "https://example.org/c&d'")
    #expect(text.contains("<link>https://example.org/c&amp;d&#39;/</link>"))
    #expect(!text.contains("<script>"))
    #expect(!text.contains("\u{1}"))
  }

  @Test func `the newest hundred are listed, newest first`() throws {
    for number in 0..<101 { try channel.add(PackageBlueprint("old\(number)")) }
    try channel.index(now: 1_000) { $0.documents.channelURL = "https://example.org/c" }
    try channel.add(PackageBlueprint("new"))
    let items = try feed(now: 2_000).split(separator: "<item>").dropFirst()
    #expect(items.count == 100)
    #expect(items.first?.contains("<title>new-1.0-0 (noarch)</title>") == true)
  }

  @Test func `an unchanged channel has the same feed at any time`() throws {
    try channel.add(PackageBlueprint("a"))
    let before = try feed(now: 1_000)
    try channel("rss.xml").removeRecursively()
    #expect(try feed(now: 5_000_000) == before)
  }

  @Test func `without a URL there is no feed, and one that was made goes`() throws {
    _ = try feed()
    #expect(try channel.index().channel.withdrawn == ["rss.xml"])
  }

  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
    (1_795_334_446_787, "Sun, 22 Nov 2026 08:00:46 +0000"),
  ])
  func `times are spelled as feeds want them`(milliseconds: Int, text: String) throws {
    try channel.add(PackageBlueprint("a"))
    #expect(try feed(now: milliseconds).contains("<lastBuildDate>\(text)</lastBuildDate>"))
  }
}
