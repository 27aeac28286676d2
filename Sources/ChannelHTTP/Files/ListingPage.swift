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
    var total = ListingFrame.Total()
    // By aside, those that belong to none last.
    var groups = [[Listing.Entry]](repeating: [], count: asides.count + 1)
    for entry in listing.entries {
      total.add(size: entry.size, isDirectory: entry.isDirectory)
      let name = listing.name(of: entry)
      let aside = asides.firstIndex { $0.fits(name, isDirectory: entry.isDirectory) }
      groups[aside ?? asides.count].append(entry)
    }
    func write(_ entries: [Listing.Entry], as rows: inout ListingRows, to page: inout PageWriter) {
      for entry in entries {
        rows.add(
          listing.name(of: entry), isDirectory: entry.isDirectory, size: entry.size,
          modified: entry.modified, to: &page)
      }
    }
    return ListingFrame(path: path, rootName: rootName).page(around: total) { page in
      page.write("<table>\n")
      page.writeHeads(sortedBy: wanted.order, descending: wanted.isDescending)
      if !path.isEmpty { page.writeParent() }
      var rows = ListingRows()
      write(groups[asides.count], as: &rows, to: &page)
      page.write("</table>\n")
      for (aside, group) in zip(asides, groups) {
        page.write(aside: aside.title, group.count) { write(group, as: &$0, to: &$1) }
      }
    }
  }
}
