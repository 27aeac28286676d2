/// The web page of a directory in the look of the server's own, with more about its files.
///
/// For decorators. Everything that is put into it is escaped when it is written.
public struct DirectoryPage: Sendable {
  /// A file and what is told of it.
  public struct Row: Sendable {
    /// The file itself, to which the row links.
    public var entry: DirectoryListing.Entry
    /// What stands for the file's name; nil for the name.
    public var label: ArraySlice<UInt8>?
    /// What stands behind the label, smaller.
    public var note: String?
    /// What is told of the file, one for each of the page's titles.
    public var facts: [String]
    /// A digest of the file, shown short and copied whole.
    public var digest = ""
    /// Why the file is not one of many.
    public var mark: Mark?

    /// Creates a row.
    public init(_ entry: DirectoryListing.Entry, facts: [String] = []) {
      self.entry = entry
      self.facts = facts
    }
  }

  /// A word of warning.
  public struct Mark: Sendable, Hashable {
    /// What is the matter, in a word or three.
    public var word: String
    /// Why; empty when nothing is known.
    public var reason: String

    /// Creates a mark.
    public init(_ word: String, reason: String = "") {
      self.word = word
      self.reason = reason
    }
  }

  /// A command that visitors may copy, made of what a row tells.
  public struct Command: Sendable, Hashable {
    /// What it is for, as in the name of a program.
    public var title: String
    /// The command, of one line or more, in which `{parent}` stands for the URL of the directory
    /// above, `{0}` for the label and `{1}`, `{2}` for the facts.
    public var template: String

    /// Creates a command.
    public init(_ title: String, _ template: String) {
      self.title = title
      self.template = template
    }
  }

  private let listing: DirectoryListing

  /// What the root is called on the way to the directory; empty for no name.
  public var rootName = ""
  /// The titles of the facts, at most two.
  public var factTitles: [String]
  /// The title of the digests.
  public var digestTitle: String
  /// The files of which more is told, in the order in which they are shown.
  public var rows: [Row] = []
  /// What is put away below them, with a title.
  public var asides: [(title: String, entries: [DirectoryListing.Entry])] = []
  /// What the rows are, by which they are counted.
  public var noun = (one: "file", many: "files")
  /// What is offered to be copied for each row.
  public var commands: [Command] = []
  /// A page about what a row's label names: a link in which `{0}` stands for the label.
  public var about: String?

  /// Creates a page without rows.
  public init(of listing: DirectoryListing, facts: [String], digest: String) {
    self.listing = listing
    factTitles = facts
    digestTitle = digest
  }

  /// The page's bytes.
  public var html: [UInt8] {
    var total = ListingFrame.Total()
    for row in rows { total.add(size: row.entry.size, isDirectory: false) }
    total.noun = noun
    let frame = ListingFrame(path: listing.path, rootName: Array(rootName.utf8))
    return frame.page(around: total) { page in
      page.write("<table class=\"facts\"")
      if let about {
        page.write(" data-about=\"")
        page.write(escaping: about.utf8)
        page.write("\"")
      }
      page.write(">\n")
      let order: Listing.Order =
        switch listing.order {
        case .name: .name
        case .modified: .modified
        case .size: .size
        }
      page.writeHeads(
        sortedBy: order, descending: listing.isDescending, facts: factTitles, digest: digestTitle)
      if !listing.path.isEmpty { page.writeParent() }
      var written = ListingRows()
      for row in rows { written.add(row, to: &page) }
      page.write("</table>\n")
      for aside in asides {
        page.write(aside: aside.title, aside.entries.count) { rows, page in
          for entry in aside.entries {
            rows.add(
              entry.name, isDirectory: entry.isDirectory, size: entry.size,
              modified: HTTPDate(seconds: entry.modified), to: &page)
          }
        }
      }
      guard !commands.isEmpty else { return }
      page.write("<template id=\"commands\">")
      for command in commands {
        page.write("<b>")
        page.write(escaping: command.title.utf8)
        page.write("</b><code>")
        for (index, line) in command.template.utf8.split(separator: ASCII.lineFeed).enumerated() {
          if index > 0 { page.write("\n") }
          page.write(escaping: line)
        }
        page.write("</code>")
      }
      page.write("</template>\n")
    }
  }
}
