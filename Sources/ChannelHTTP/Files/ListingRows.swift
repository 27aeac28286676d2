/// The rows of one table of a listing, in bodies of a hundred.
struct ListingRows {
  private var count = 0
  private var time = TimeText()

  /// Appends a row with a name, a time and a size.
  mutating func add(
    _ name: ArraySlice<UInt8>, isDirectory: Bool, size: Int, modified: HTTPDate,
    to page: inout PageWriter
  ) {
    begin("<tr><td><a href=\"", on: &page)
    if name.isPlain {
      // As it is both in a reference and in text, like most.
      page.write(bytes: name)
      page.write(isDirectory ? "/\">" : "\">")
      page.write(bytes: name)
    } else {
      page.write(percentEncoding: name)
      page.write(isDirectory ? "/\">" : "\">")
      page.write(escaping: name)
    }
    page.write(isDirectory ? "/</a>" : "</a>")
    end(isDirectory: isDirectory, size: size, modified: modified, on: &page)
    page.write("\n")
  }

  /// Appends a row that tells more of a file.
  mutating func add(_ row: DirectoryPage.Row, to page: inout PageWriter) {
    let entry = row.entry
    begin(row.mark == nil ? "<tr><td><a href=\"" : "<tr class=\"out\"><td><a href=\"", on: &page)
    page.write(percentEncoding: entry.name)
    page.write("\">")
    page.write(escaping: row.label ?? entry.name)
    page.write("</a>")
    if let note = row.note {
      page.write(" <small>")
      page.write(escaping: note.utf8)
      page.write("</small>")
    }
    if let mark = row.mark {
      page.write(" <em title=\"")
      page.write(escaping: mark.reason.utf8)
      page.write("\">")
      page.write(escaping: mark.word.utf8)
      page.write("</em>")
    }
    for fact in row.facts {
      page.write("<td>")
      page.write(escaping: fact.utf8)
    }
    end(
      isDirectory: entry.isDirectory, size: entry.size,
      modified: HTTPDate(seconds: entry.modified), on: &page)
    page.write("<td>")
    page.write(escaping: row.digest.utf8)
    page.write("\n")
  }

  private mutating func begin(_ start: StaticString, on page: inout PageWriter) {
    // Browsers lay out only those bodies that are in sight.
    if count % 100 == 0 { page.write("<tbody class=\"list\">\n") }
    count += 1
    page.write(start)
  }

  private mutating func end(
    isDirectory: Bool, size: Int, modified: HTTPDate, on page: inout PageWriter
  ) {
    page.write("<td>")
    page.write(bytes: time.minute(of: modified))
    guard !isDirectory else { return page.write("<td>") }
    page.write("<td title=")
    page.write(size)
    page.write(">")
    page.write(size: size)
  }
}

extension PageWriter {
  /// Appends the heads of columns, which lead to the orders.
  mutating func writeHeads(
    sortedBy order: Listing.Order, descending isDescending: Bool, facts: [String] = [],
    digest: String? = nil
  ) {
    write("<thead><tr>")
    for column in [Listing.Order.name, .modified, .size] {
      let isSorted = order == column
      write("<th")
      if isSorted {
        write(isDescending ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\"")
      }
      // What is newest or largest is what people look for.
      let isDescendingNext = isSorted ? !isDescending : column != .name
      switch column {
      case .name: write("><a href=\"?sort=name&amp;order=")
      case .modified: write("><a href=\"?sort=time&amp;order=")
      case .size: write("><a href=\"?sort=size&amp;order=")
      }
      write(isDescendingNext ? "desc\">" : "asc\">")
      switch column {
      case .name:
        write("Name</a>")
        for title in facts { writeHead(title) }
      case .modified: write("Modified (UTC)</a>")
      case .size: write("Size</a>")
      }
    }
    if let digest { writeHead(digest) }
    write("</thead>\n")
  }

  private mutating func writeHead(_ title: String) {
    write("<th>")
    write(escaping: title.utf8)
  }

  /// Appends a table below the others that is shown on demand.
  ///
  /// - Parameters:
  ///   - title: What stands above it.
  ///   - count: How many rows it has.
  ///   - rows: Appends them.
  mutating func write(
    aside title: String, _ count: Int, rows: (inout ListingRows, inout PageWriter) -> Void
  ) {
    guard count > 0 else { return }
    write("<details><summary>")
    write(escaping: title.utf8)
    write(" (")
    write(grouped: count)
    write(")</summary>\n<table>\n")
    var all = ListingRows()
    rows(&all, &self)
    write("</table></details>\n")
  }
}
