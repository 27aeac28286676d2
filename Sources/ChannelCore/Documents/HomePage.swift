internal import CHomePage

/// `index.html` at a channel's root: a page on which people find packages.
///
/// It is one file that asks for nothing but what the channel publishes besides, and it names neither
/// packages nor times: what packages there are it fetches when somebody looks. So its bytes change
/// only with this tool, the options and the subdirs, and with the first package that is yanked.
struct HomePage: Sendable {
  /// What the channel is called; nil for the last part of its URL.
  var title: String?
  /// The subdirs whose files the page links to.
  var subdirs: [Platform]
  /// Which documents the page may fetch.
  var options: DocumentOptions
  /// Whether the channel says what was yanked.
  var hasYanks: Bool

  var document: [UInt8] {
    let title = XMLText.escaped(title ?? "")
    let values = [
      "title": title,
      "heading": title.isEmpty ? "Conda channel" : title,
      "documents": documents.joined(separator: " "),
      "subdirs": subdirs.map { "<li><a href=\"\($0.name)/\">\($0.name)</a></li>" }.joined(),
      "feed": hasFeed
        ? "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"rss.xml\">\n" : "",
      "news": hasFeed ? "<a href=\"rss.xml\">News</a>" : "",
      "policy": Self.policy,
      "style": Self.style,
      "script": Self.script,
    ]
    return Self.filled(Array(Self.template.utf8), with: values)
  }

  private var hasFeed: Bool { options.channelURL != nil }

  private var documents: [String] {
    var documents: [String] = []
    if options.zstandard { documents += ["channeldata.json.zst", "repodata.json.zst"] }
    if options.shards { documents.append("shards") }
    if hasYanks { documents.append("yanked.json") }
    if options.runExports {
      documents.append("run_exports.json")
      if options.zstandard { documents.append("run_exports.json.zst") }
    }
    return documents
  }

  private static let template = text(home_page_template())
  private static let style = text(home_page_style())
  private static let script = "(() => {\n\"use strict\";\n" + text(home_page_script()) + "})();\n"

  /// What the page may do: run this one script, fetch from where it came from, and nothing else.
  ///
  /// Were markup from a package to reach the page after all, it could still do no harm.
  private static let policy = [
    "default-src 'none'", "script-src \(source(script))", "style-src \(source(style))",
    "connect-src 'self'", "img-src 'self' data:", "base-uri 'none'", "form-action 'none'",
  ].joined(separator: "; ")

  private static func source(_ text: String) -> String {
    "'sha256-\(Base64.text(Digest.sha256(of: Array(text.utf8)).bytes))'"
  }

  private static func text(_ text: home_page_text) -> String {
    String(decoding: UnsafeBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
  }

  /// The template with a value in the place of each `{{name}}`.
  private static func filled(_ template: [UInt8], with values: [String: String]) -> [UInt8] {
    var page: [UInt8] = []
    var rest = template[...]
    while let start = rest.firstRange(of: Array("{{".utf8)),
      let end = rest[start.upperBound...].firstRange(of: Array("}}".utf8))
    {
      page += rest[..<start.lowerBound]
      let name = String(decoding: rest[start.upperBound..<end.lowerBound], as: UTF8.self)
      page += (values[name] ?? "").utf8
      rest = rest[end.upperBound...]
    }
    return page + rest
  }
}
