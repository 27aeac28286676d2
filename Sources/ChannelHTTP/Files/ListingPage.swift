/// A listing written out for people or for programs.
enum ListingPage {
  /// The listing of the directory called `path` below the root, as a web page.
  ///
  /// - Parameters:
  ///   - listing: What the directory holds, sorted.
  ///   - path: The directory's name below the root.
  ///   - rootName: What the root is called; empty for no name.
  ///   - wanted: How the listing is sorted.
  ///   - asides: What is put away below the rest.
  /// - Returns: The whole page, in UTF-8.
  static func html(
    _ listing: Listing, path: [UInt8], rootName: [UInt8] = [], as wanted: ListingOptions = .init(),
    asides: [ListingAside] = []
  ) -> [UInt8] {
    var others = asides.map { _ in ListingRows() }
    var rows = ListingRows(capacity: listing.entries.count * 160)
    var total = ListingFrame.Total()
    for entry in listing.entries {
      let name = listing.name(of: entry)
      total.add(size: entry.size, isDirectory: entry.isDirectory)
      let group = asides.firstIndex { $0.fits(name, isDirectory: entry.isDirectory) }
      if let group {
        others[group].add(
          name, isDirectory: entry.isDirectory, size: entry.size, modified: entry.modified)
      } else {
        rows.add(name, isDirectory: entry.isDirectory, size: entry.size, modified: entry.modified)
      }
    }
    return ListingFrame(path: path, rootName: rootName).page(around: total) { page in
      page.write("<table>\n")
      page.writeHeads(sortedBy: wanted.order, descending: wanted.isDescending)
      if !path.isEmpty { page.writeParent() }
      page.write(bytes: rows.page.bytes)
      page.write("</table>\n")
      for (aside, rows) in zip(asides, others) { page.write(rows, aside: aside.title) }
    }
  }
}
