/// What surrounds a listing on its web page: the way to the directory, and the controls.
struct ListingFrame {
  /// The directory's name below the root.
  let path: [UInt8]
  /// What the root is called; empty for no name.
  let rootName: [UInt8]

  /// What a listing's entries come to.
  struct Total {
    var directories = 0
    var files = 0
    /// In bytes.
    var size = 0
    /// What the files are, if more than that.
    var noun: (one: String, many: String) = ("file", "files")

    mutating func add(size: Int, isDirectory: Bool) {
      if isDirectory { directories += 1 } else { files += 1 }
      self.size = self.size.addingReportingOverflow(size).partialValue
    }
  }

  /// The whole page.
  func page(
    around total: Total, _ content: (inout PageWriter) -> Void
  ) -> [UInt8] {
    var page = PageWriter()
    page.reserveCapacity(32_768 + (total.files + total.directories) * 160)
    page.write("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
    page.write("<meta http-equiv=\"Content-Security-Policy\" content=\"")
    page.write(ListingAssets.policy)
    page.write("\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n")
    page.write("<meta name=\"color-scheme\" content=\"light dark\">\n<title>Index of /")
    page.write(escaping: path)
    page.write("</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>")
    page.write(bytes: ListingAssets.style)
    page.write("</style>\n<script>")
    page.write(bytes: ListingAssets.script)
    page.write("</script>\n</head><body>\n<header class=\"bar\"><h1>")
    writeWay(to: &page)
    page.write("</h1>\n")
    page.write(Self.controls)
    page.write("</header>\n<main>\n<div class=\"strip\"><p id=\"count\" role=\"status\">")
    write(total, to: &page)
    page.write("</p></div>\n")
    content(&page)
    page.write(Self.end)
    return page.bytes
  }

  /// The directories from the root to here, with a link to each.
  private func writeWay(to page: inout PageWriter) {
    let names = path.split(separator: ASCII.slash)
    for depth in 0...names.count {
      if depth > 0 { page.write("<i>/</i>") }
      let isHere = depth == names.count
      if isHere {
        page.write("<b>")
      } else {
        page.write("<a href=\"")
        for _ in depth..<names.count { page.write("../") }
        page.write("\">")
      }
      if depth > 0 {
        page.write(escaping: names[depth - 1])
      } else if rootName.isEmpty {
        page.write("Index")
      } else {
        page.write(escaping: rootName)
      }
      page.write(isHere ? "</b>" : "</a>")
    }
  }

  private func write(_ total: Total, to page: inout PageWriter) {
    if total.directories > 0 {
      page.write(grouped: total.directories)
      page.write(total.directories == 1 ? " folder, " : " folders, ")
    }
    page.write(grouped: total.files)
    page.write(" ")
    page.write(escaping: (total.files == 1 ? total.noun.one : total.noun.many).utf8)
    if total.files > 0 {
      page.write(", ")
      page.write(size: total.size)
    }
  }

  private static let controls: StaticString = """
    <div class="search" role="search"><svg viewBox="0 0 20 20" aria-hidden="true">\
    <circle cx="8.5" cy="8.5" r="5.5"/><path d="m13 13 4.5 4.5"/></svg>\
    <input id="search" type="search" placeholder="Filter" aria-label="Filter" autocomplete="off" \
    autocapitalize="none" spellcheck="false" enterkeyhint="go"><kbd aria-hidden="true">/</kbd></div>
    <button id="theme" type="button"><svg viewBox="0 0 20 20" aria-hidden="true">\
    <circle cx="10" cy="10" r="6.5"/><path class="half" d="M10 3.5a6.5 6.5 0 0 1 0 13z"/></svg>\
    </button>
    """

  private static let end: StaticString = """
    <div id="empty" hidden><p></p><button type="button">Show all</button></div>
    </main>
    </body></html>

    """
}

extension PageWriter {
  /// Appends the row that leads up.
  mutating func writeParent() {
    write("<tbody class=\"up\"><tr><td><a href=\"../\">../</a>\n")
  }
}
