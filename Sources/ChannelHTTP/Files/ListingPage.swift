/// A listing written out for people or for programs.
enum ListingPage {
  /// The listing of the directory called `path` below the root, as a web page.
  ///
  /// - Parameters:
  ///   - listing: What the directory holds, sorted.
  ///   - path: The directory's name below the root.
  ///   - hasParent: Whether visitors may go further up.
  ///   - wanted: How the listing is sorted.
  ///   - asides: What is put away below the rest.
  /// - Returns: The whole page, in UTF-8.
  static func html(
    _ listing: Listing, path: [UInt8], hasParent: Bool, as wanted: ListingOptions = .init(),
    asides: [ListingAside] = []
  ) -> [UInt8] {
    var others = asides.map { Rows(title: $0.title) }
    var rows = Rows(title: "")
    rows.page.reserveCapacity(listing.entries.count * 144)
    var total = Total()
    for entry in listing.entries {
      let name = listing.name(of: entry)
      total.add(entry)
      if let index = asides.firstIndex(where: { $0.fits(name, isDirectory: entry.isDirectory) }) {
        others[index].add(entry, name)
      } else {
        rows.add(entry, name)
      }
    }
    return ListingFrame(path: path, wanted: wanted).page(around: total) { page in
      page.write("<table>\n")
      writeHeads(wanted, to: &page)
      if hasParent {
        page.write("<tbody class=\"up\"><tr><td><a href=\"../\">../</a><td><td>\n")
      }
      page.write(bytes: rows.page.bytes)
      page.write("</table>\n")
      for group in others where group.count > 0 {
        page.write("<details><summary>")
        page.write(escaping: group.title.utf8)
        page.write(" (")
        page.write(grouped: group.count)
        page.write(")</summary>\n<table>\n")
        page.write(bytes: group.page.bytes)
        page.write("</table></details>\n")
      }
    }
  }

  /// What a listing's entries come to.
  struct Total {
    var directories = 0
    var files = 0
    /// In bytes.
    var size = 0

    mutating func add(_ entry: Listing.Entry) {
      if entry.isDirectory { directories += 1 } else { files += 1 }
      size = size.addingReportingOverflow(entry.size).partialValue
    }
  }

  /// The rows of one table.
  private struct Rows {
    let title: String
    var page = PageWriter()
    private(set) var count = 0
    private var time = TimeText()

    init(title: String) {
      self.title = title
    }

    mutating func add(_ entry: Listing.Entry, _ name: ArraySlice<UInt8>) {
      // Browsers lay out only those bodies that are in sight.
      if count % 100 == 0 { page.write("<tbody class=\"list\">\n") }
      count += 1
      page.write("<tr><td><a href=\"")
      page.write(percentEncoding: name)
      page.write(entry.isDirectory ? "/\">" : "\">")
      page.write(escaping: name)
      page.write(entry.isDirectory ? "/</a><td>" : "</a><td>")
      page.write(bytes: time.minute(of: entry.modified))
      if entry.isDirectory {
        page.write("<td>\n")
      } else {
        page.write("<td title=")
        page.write(entry.size)
        page.write(">")
        page.write(size: entry.size)
        page.write("\n")
      }
    }
  }

  private static func writeHeads(_ wanted: ListingOptions, to page: inout PageWriter) {
    page.write("<thead><tr>")
    for column in [Listing.Order.name, .modified, .size] {
      let isSorted = wanted.order == column
      page.write("<th")
      if isSorted {
        page.write(
          wanted.isDescending ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\"")
      }
      // What is newest or largest is what people look for.
      let isDescendingNext = isSorted ? !wanted.isDescending : column != .name
      switch column {
      case .name: page.write("><a href=\"?sort=name&amp;order=")
      case .modified: page.write("><a href=\"?sort=time&amp;order=")
      case .size: page.write("><a href=\"?sort=size&amp;order=")
      }
      page.write(isDescendingNext ? "desc\">" : "asc\">")
      switch column {
      case .name: page.write("Name</a>")
      case .modified: page.write("Modified (UTC)</a>")
      case .size: page.write("Size</a>")
      }
    }
    page.write("</thead>\n")
  }
}
