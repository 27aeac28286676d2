import ChannelCore
import Support
import SystemPackage
import Testing

/// The page at a channel's root.
@Suite struct HomePageTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    try channel.add(PackageBlueprint("a"))
  }

  private func page() throws -> String { try channel("index.html").readText() }

  @Test func `new packages leave the page as it is`() throws {
    try channel.index()
    let before = try channel.snapshot()["index.html"]
    try channel.add(PackageBlueprint("b"))
    #expect(try channel.index().channel.written.contains("channeldata.json"))
    #expect(before != nil)
    #expect(try channel.snapshot()["index.html"] == before)
  }

  @Test func `the page links to the files of every subdir`() throws {
    try channel.add(PackageBlueprint("b", subdir: "linux-64"))
    try channel.index()
    for subdir in ["noarch", "linux-64"] {
      #expect(try page().contains(#"<a href="\#(subdir)/">\#(subdir)</a>"#))
    }
  }

  @Test func `the page fetches what the channel publishes and no more`() throws {
    try channel.index()
    #expect(
      try page().contains(
        #"data-documents="channeldata.json.zst repodata.json.zst shards run_exports.json "#
          + #"run_exports.json.zst""#))
    try channel.index {
      $0.documents.zstandard = false
      $0.documents.shards = false
    }
    #expect(try page().contains(#"data-documents="run_exports.json""#))
  }

  @Test func `the page asks for what was yanked only where something was`() throws {
    try channel.index()
    #expect(try !page().contains("yanked.json "))
    let pattern = try #require(PackagePattern("a=1.0"))
    _ = try channel.indexer().yank([pattern], reason: "broken")
    #expect(try page().contains(#"shards yanked.json run_exports.json"#))
  }

  @Test func `the page leads to the feed where there is one`() throws {
    try channel.index()
    #expect(try !page().contains("rss.xml"))
    try channel.index { $0.documents.channelURL = "https://example.com/condapkg" }
    #expect(try page().contains(#"<a href="rss.xml">"#))
    #expect(try page().contains(#"type="application/rss+xml" href="rss.xml""#))
  }

  @Test func `the page's policy lets its own script and style run, and nothing else`() throws {
    try channel.index()
    let page = try page()
    for element in ["script", "style"] {
      let text = try #require(
        page.split(separator: "<\(element)>").dropFirst().first?
          .split(separator: "</\(element)>").first)
      let digest = Digest.sha256(of: Array(text.utf8))
      #expect(page.contains("\(element)-src 'sha256-\(base64(digest.bytes))'"))
      #expect(page.split(separator: "<\(element)").count == 2, "one \(element) only")
    }
    #expect(page.contains("content=\"default-src 'none'; "))
    #expect(!page.contains(" style=") && !page.contains("{{") && !page.contains("unsafe"))
  }

  @Test func `a title is text, whatever it holds`() throws {
    try channel.index { $0.documents.title = #""><script>alert(1)</script> & co"# }
    let title = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; co"
    #expect(try page().contains("<title>\(title)</title>"))
    #expect(try page().contains("data-title=\"\(title)\""))
    #expect(try !page().contains("<script>alert"))
  }

  @Test func `without channeldata.json, or when it is not wanted, there is no page`() throws {
    try channel.index()
    try channel.index { $0.documents.channelData = false }
    #expect(!channel("index.html").exists)
    try channel.index()
    #expect(channel("index.html").exists)
    #expect(try channel.index { $0.documents.homePage = false }.channel.withdrawn == ["index.html"])
    #expect(!channel("index.html").exists)
  }

  @Test func `a page that somebody else made is kept, and ours comes when it is gone`() throws {
    try channel("index.html").write("mine")
    let report = try channel.index()
    #expect(report.channel.warnings.count == 1)
    #expect(!report.channel.written.contains("index.html"))
    #expect(try channel.index().channel.warnings.count == 1)
    #expect(try page() == "mine")
    #expect(try channel.index { $0.documents.homePage = false }.channel.warnings.isEmpty)
    #expect(try page() == "mine")

    try channel("index.html").removeRecursively()
    #expect(try channel.index().channel.written == ["index.html"])
  }

  @Test func `our page that somebody changed is theirs from then on`() throws {
    try channel.index()
    try channel("index.html").write("changed")
    #expect(try channel.index().channel.warnings.count == 1)
    #expect(try page() == "changed")
  }

  @Test func `our page is known again when all that was known is lost`() throws {
    try channel.index()
    let before = try channel.snapshot()["index.html"]
    try channel(".channel").removeRecursively()
    #expect(try channel.index().channel.warnings.isEmpty)
    #expect(try channel.snapshot()["index.html"] == before)
    try channel.index { $0.documents.title = "renamed" }
    #expect(try page().contains("renamed"))
  }
}

/// Written out on its own, so that the library's way is checked against another.
private func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  var bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
  while bits.count % 6 != 0 { bits.append(0) }
  var text = ""
  for start in stride(from: 0, to: bits.count, by: 6) {
    text.append(alphabet[bits[start..<start + 6].reduce(0) { $0 << 1 | Int($1) }])
  }
  return text + String(repeating: "=", count: (3 - bytes.count % 3) % 3)
}
