import Foundation
import Support
import Testing

@testable import ChannelHTTP

/// A page that tells more of the files in a directory.
@Suite struct DirectoryPageTests {
  private static let hostile = "<b>\"x\" & 'y'\n</b>"
  private static let escaped = "&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;\u{FFFD}&lt;/b&gt;"

  private static func listing(_ names: [String], _ query: String = "") -> DirectoryListing {
    var listing = Listing()
    for name in names {
      listing.add(
        Array(name.utf8), isDirectory: name.hasSuffix("/"), size: 1234,
        modified: HTTPDate(seconds: 784_111_777))
    }
    return DirectoryListing(
      listing, path: Array("sub".utf8), ListingOptions(query: Array(query.utf8).span))
  }

  private static func page(_ query: String = "") -> (DirectoryPage, DirectoryPage.Row) {
    let listing = listing(["a-1.zip"], query)
    let page = DirectoryPage(of: listing, facts: ["Version", "Build"], digest: "SHA-256")
    var row = DirectoryPage.Row(listing.entries[0], facts: ["1", "x"])
    row.label = Array("a".utf8)[...]
    row.digest = "abcdef"
    return (page, row)
  }

  private static func html(_ page: DirectoryPage) -> String {
    String(decoding: page.html, as: UTF8.self)
  }

  @Test func `a row tells what it is given, and links to the file`() {
    var (page, row) = Self.page()
    row.note = ".zip"
    page.rows = [row]

    #expect(
      Self.html(page).contains(
        """
        <tr><td><a href="a-1.zip">a</a> <small>.zip</small><td>1<td>x<td>1994-11-06 08:49\
        <td title=1234>1.2 kB<td>abcdef

        """))
  }

  @Test func `a mark says what is the matter, and why`() {
    var (page, row) = Self.page()
    row.mark = .init("gone", reason: "it was \"bad\"")
    page.rows = [row]

    #expect(Self.html(page).contains("<tr class=\"out\"><td>"))
    #expect(Self.html(page).contains("<em title=\"it was &quot;bad&quot;\">gone</em>"))
  }

  @Test func `nothing that it is given can write to the page`() {
    var page = DirectoryPage(
      of: Self.listing([Self.hostile]), facts: [Self.hostile, Self.hostile], digest: Self.hostile)
    var row = DirectoryPage.Row(
      Self.listing([Self.hostile]).entries[0], facts: [Self.hostile, Self.hostile])
    row.label = Array(Self.hostile.utf8)[...]
    row.note = Self.hostile
    row.digest = Self.hostile
    row.mark = .init(Self.hostile, reason: Self.hostile)
    page.rows = [row]
    page.rootName = Self.hostile
    page.asides = [(title: Self.hostile, entries: [row.entry])]
    page.commands = [.init(Self.hostile, Self.hostile)]
    page.about = Self.hostile
    page.noun = (one: Self.hostile, many: Self.hostile)
    let html = Self.html(page)
    let body = html.between("</head>", "</html>") ?? ""

    #expect(!body.contains("<b>\"x\"") && !body.contains("\"x\" &"))
    // Three heads, five texts of the row, its mark twice, the root, the count, the aside and its
    // file, the command's title, and the link; a command keeps its lines.
    #expect(body.components(separatedBy: Self.escaped).count - 1 == 16)
    #expect(body.contains("<code>&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;\n&lt;/b&gt;</code>"))
  }

  @Test func `the heads stand in the order of the cells`() {
    let (page, _) = Self.page("sort=size&order=desc")
    let head = Self.html(page).between("<thead>", "</thead>") ?? ""
    let titles = head.components(separatedBy: "<th").dropFirst().map { cell in
      (cell.components(separatedBy: "</a>")[0].components(separatedBy: ">").last ?? "")
    }

    #expect(titles == ["Name", "Version", "Build", "Modified (UTC)", "Size", "SHA-256"])
    #expect(head.contains("aria-sort=\"descending\"><a href=\"?sort=size&amp;order=asc\">"))
  }

  @Test func `what is put away has its links, and does not count`() {
    var (page, row) = Self.page()
    page.rows = [row, row]
    page.noun = (one: "thing", many: "things")
    page.asides = [
      (title: "Others", entries: Self.listing(["x", "y"]).entries), (title: "None", entries: []),
    ]
    let html = Self.html(page)

    #expect(html.contains(">2 things, 2.5 kB<"))
    #expect(html.contains("<summary>Others (2)</summary>"))
    #expect(html.contains("<a href=\"x\">") && html.contains("<a href=\"y\">"))
    #expect(!html.contains("None"))
  }

  @Test func `commands wait in the page until a script fills them in`() {
    var (page, _) = Self.page()
    page.commands = [.init("tool", "get {parent} {0}={1}"), .init("other", "first\nsecond")]

    #expect(
      Self.html(page).contains(
        """
        <template id="commands"><b>tool</b><code>get {parent} {0}={1}</code>\
        <b>other</b><code>first
        second</code></template>
        """))
  }

  @Test func `it carries the style and script of every listing`() {
    let (page, _) = Self.page()
    let plain = ListingPage.html(Listing(), path: [])
    let own = String(decoding: plain, as: UTF8.self)

    #expect(Self.html(page).between("<meta http", "</script>") != nil)
    #expect(Self.html(page).between("<style>", "</script>") == own.between("<style>", "</script>"))
  }
}
