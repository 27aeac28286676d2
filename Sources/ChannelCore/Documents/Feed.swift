/// `rss.xml`: the packages that appeared last, for people who follow a channel (RSS 2.0).
enum Feed {
  private static let length = 100

  /// The feed of a channel that is served at `url`.
  ///
  /// Its times are those of the packages, so an unchanged channel has an unchanged feed.
  static func document(_ contents: ChannelContents, _ data: ChannelData, url: String) -> [UInt8] {
    let url = url.hasSuffix("/") ? url : url + "/"
    let name = url.split(separator: "/").last.map(String.init) ?? url
    let items = newest(contents)
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">", "<channel>",
      "<title>\(XMLText.escaped(name))</title>", "<link>\(XMLText.escaped(url))</link>",
      "<description>The newest packages of \(XMLText.escaped(name))</description>",
      "<atom:link href=\"\(XMLText.escaped(url + "rss.xml"))\" rel=\"self\""
        + " type=\"application/rss+xml\"/>",
    ]
    if let newest = items.first {
      lines.append("<lastBuildDate>\(RFC822.text(milliseconds: newest.appeared))</lastBuildDate>")
    }
    let summaries = data.entries.reduce(into: [:]) { $0[$1.name] = $1.fields["summary"]?.string }
    for item in items {
      let link = url + item.subdir.name + "/" + XMLText.percentEncoded(item.archive.fileName)
      let name = String(decoding: item.name, as: UTF8.self)
      lines += [
        "<item>", "<title>\(XMLText.escaped("\(item.archive.stem) (\(item.subdir))"))</title>",
        "<link>\(XMLText.escaped(link))</link>",
        "<guid isPermaLink=\"false\">\(item.subdir) sha256:\(item.sha256)</guid>",
        "<pubDate>\(RFC822.text(milliseconds: item.appeared))</pubDate>",
      ]
      if let summary = summaries[name] {
        lines.append("<description>\(XMLText.escaped(summary))</description>")
      }
      lines.append("</item>")
    }
    lines += ["</channel>", "</rss>", ""]
    return Array(lines.joined(separator: "\n").utf8)
  }

  private struct Item {
    var subdir: Platform
    var archive: ArchiveName
    var name: ArraySlice<UInt8>
    var appeared: Int
    var record: ArraySlice<UInt8>

    /// What tells these bytes from others that once had the same name.
    var sha256: String {
      var members = JSONSlice(record).members
      return members.value(of: "sha256")?.string ?? ""
    }
  }

  private static func newest(_ contents: ChannelContents) -> [Item] {
    var items: [Item] = []
    for subdir in contents.subdirs {
      for listed in subdir.packages {
        items.append(
          Item(
            subdir: subdir.platform, archive: listed.archive, name: listed.package.name,
            appeared: listed.appeared, record: listed.package.record))
      }
    }
    items.sort { left, right in
      if left.appeared != right.appeared { return left.appeared > right.appeared }
      if left.archive != right.archive { return left.archive < right.archive }
      return left.subdir < right.subdir
    }
    return Array(items.prefix(length))
  }
}
