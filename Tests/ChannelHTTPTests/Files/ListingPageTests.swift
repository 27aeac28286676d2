import Foundation
import Support
import SystemPackage
import Testing

@testable import ChannelHTTP

/// What people see of a directory, scripts or none.
@Suite struct ListingPageTests {
  private static func page(
    _ entries: [(name: String, size: Int?)], path: String = "", rootName: String = "",
    as wanted: ListingOptions = .init(), asides: [ListingAside] = []
  ) -> String {
    var listing = Listing()
    for (index, entry) in entries.enumerated() {
      listing.add(
        Array(entry.name.utf8), isDirectory: entry.size == nil, size: entry.size ?? 0,
        modified: HTTPDate(seconds: 784_111_777 + index * 60))
    }
    let bytes = ListingPage.html(
      listing, path: Array(path.utf8), rootName: Array(rootName.utf8), as: wanted, asides: asides)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func options(_ query: String) -> ListingOptions {
    ListingOptions(query: Array(query.utf8).span)
  }

  @Test func `a row has a name, a time and a size`() {
    let page = Self.page([("d", nil), ("f", 1234)])

    #expect(page.contains("<tr><td><a href=\"d/\">d/</a><td>1994-11-06 08:49<td>\n"))
    #expect(page.contains("<a href=\"f\">f</a><td>1994-11-06 08:50<td title=1234>1.2 kB\n"))
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1049, "1.0 kB"), (1050, "1.1 kB"),
    (9949, "9.9 kB"), (9950, "10 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"),
    (123_456_789, "123 MB"), (5_000_000_000, "5.0 GB"), (Int.max, "9223372 TB"),
  ])
  func `a size keeps two or three digits`(_ size: Int, _ text: String) {
    var page = PageWriter()
    page.write(size: size)

    #expect(String(decoding: page.bytes, as: UTF8.self) == text)
  }

  @Test func `above the rows stands what they come to`() {
    let files = (0..<1200).map { (name: "\($0)", size: Optional(1000)) }

    #expect(Self.page(files + [("d", nil)]).contains(">1 folder, 1,200 files, 1.2 MB<"))
    #expect(Self.page([("f", 7)]).contains(">1 file, 7 B<"))
    #expect(Self.page([]).contains(">0 files<"))
  }

  @Test func `every directory on the way is a link away`() {
    let page = Self.page([], path: "a/<b>/c d")

    #expect(
      page.contains(
        """
        <h1><a href="../../../">Index</a><i>/</i><a href="../../">a</a><i>/</i>\
        <a href="../">&lt;b&gt;</a><i>/</i><b>c d</b></h1>
        """))
    #expect(page.contains("<title>Index of /a/&lt;b&gt;/c d</title>"))
    #expect(Self.page([]).contains("<h1><b>Index</b></h1>"))
    #expect(Self.page([], rootName: "<pkg>").contains("<h1><b>&lt;pkg&gt;</b></h1>"))
  }

  @Test func `the names on the page are whole however long they are`() {
    let name = String(repeating: "long-", count: 51)

    #expect(Self.page([(name, 1)]).contains(">\(name)</a>"))
  }

  @Test(arguments: [
    ("", "ascending", ["name&amp;order=desc", "time&amp;order=desc", "size&amp;order=desc"]),
    (
      "order=desc", "descending",
      ["name&amp;order=asc", "time&amp;order=desc", "size&amp;order=desc"]
    ),
    (
      "sort=size&order=desc", "descending",
      ["name&amp;order=asc", "time&amp;order=desc", "size&amp;order=asc"]
    ),
    (
      "sort=time", "ascending",
      ["name&amp;order=asc", "time&amp;order=desc", "size&amp;order=desc"]
    ),
  ])
  func `the heads lead to other orders, and say which this is`(
    _ query: String, _ direction: String, _ links: [String]
  ) {
    let page = Self.page([("f", 1)], as: Self.options(query))
    let heads = page.components(separatedBy: "<a href=\"?sort=").dropFirst()

    #expect(heads.map { $0.components(separatedBy: "\"")[0] } == links)
    let column = Self.options(query).order
    let title = column == .name ? "Name" : column == .size ? "Size" : "Modified"
    let sorted = page.components(separatedBy: "aria-sort=\"\(direction)\">").dropFirst()
    #expect(sorted.count == 1)
    let shown = sorted.first?.components(separatedBy: "\">").dropFirst().first
    #expect(shown?.hasPrefix(title) == true)
  }

  @Test func `names are put away below the others, with their links`() {
    let asides = [
      ListingAside("Index <files>", ["repodata*.json*", "shards/"]),
      ListingAside("Notes", ["*.md"]),
    ]
    let page = Self.page(
      [("shards", nil), ("a.conda", 1), ("repodata.json", 2), ("repodata.json.zst", 3)],
      asides: asides)
    let parts = page.components(separatedBy: "<details><summary>")

    #expect(parts.count == 2, "no details for what there is none of")
    #expect(parts[0].contains("<a href=\"a.conda\">"))
    #expect(!parts[0].contains("<a href=\"shards/\">"))
    #expect(parts[1].hasPrefix("Index &lt;files&gt; (3)</summary>"))
    for link in ["shards/", "repodata.json", "repodata.json.zst"] {
      #expect(parts[1].contains("<a href=\"\(link)\">"))
    }
  }

  @Test(arguments: [
    ("shards/", "shards", true, true), ("shards/", "shards", false, false),
    ("shards", "shards", true, false), ("*.zst", "a.zst", false, true),
    ("*.zst", "a.zstd", false, false), ("a*b*c", "aXbXbc", false, true), ("*", "", false, true),
  ])
  func `a pattern is for files or for directories`(
    _ pattern: String, _ name: String, _ isDirectory: Bool, _ fits: Bool
  ) {
    let aside = ListingAside("", [pattern])

    #expect(aside.fits(Array(name.utf8)[...], isDirectory: isDirectory) == fits)
  }

  @Test func `browsers heed the page's own script and style, and no other`() throws {
    let page = Self.page([("<script>alert(1)</script>", 1)])
    let policy = try #require(page.between("Content-Security-Policy\" content=\"", "\""))
    let style = try #require(page.between("<style>", "</style>"))
    let script = try #require(page.between("<script>", "</script>"))
    func source(_ text: String) -> String {
      "'sha256-\(Data(sha256(of: text.utf8)).base64EncodedString())'"
    }

    #expect(
      policy == """
        default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; \
        style-src \(source(style)); script-src \(source(script))
        """)
    #expect(page.components(separatedBy: "<script").count == 2)
    for attribute in [" style=", " onclick=", " src=", "url("] {
      #expect(!page.contains(attribute))
    }
  }

  @Test func `the colours are those of the home page`() throws {
    func colours(_ path: String) throws -> [String: String] {
      let style = try Corpus.repository.appending("Sources").appending(path).readText()
      let lines = style.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
      let pairs = lines.filter { $0.hasPrefix("--") }.compactMap { line in
        line.firstIndex(of: ":").map { (String(line[..<$0]), String(line[$0...])) }
      }
      return Dictionary(pairs) { first, _ in first }
    }
    let (home, own) = (try colours("CHomePage/home.css"), try colours("CListingPage/listing.css"))

    #expect(own.count >= 12)
    #expect(own.filter { home[$0.key] != $0.value }.isEmpty)
  }

  @Test func `the page needs nothing from elsewhere`() {
    #expect(!Self.page([("f", 1)], path: "d").contains("//"))
  }

  @Test func `the same directory makes the same bytes`() {
    let entries = (0..<500).map { (name: "\($0)", size: Optional($0)) }

    #expect(Self.page(entries) == Self.page(entries))
  }

  @Test func `what is the same in every row costs next to nothing on the way`() throws {
    let few = try #require(Gzip.packed(Array(Self.page([]).utf8)))
    let names = (0..<1000).map { (name: "package-1.\($0)-0.conda", size: Optional(1000)) }
    let many = try #require(Gzip.packed(Array(Self.page(names).utf8)))

    #expect(few.count < 8192)
    #expect(many.count - few.count < 16 * names.count)
  }
}
