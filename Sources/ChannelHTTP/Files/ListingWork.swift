internal import SystemPackage

/// How listings are shown.
struct ListingStyle: Sendable {
  var wanted: ListingOptions
  var cacheControl: String
  /// What makes web pages in place of the server; nil for none.
  var decorator: ListingDecorator?
  /// What is put away below the rest.
  var asides: [ListingAside] = []
  /// What the served folder is called.
  var rootName: [UInt8] = []
}

/// A listing that one thread has begun and others finish.
struct ListingWork: Sendable {
  /// A listing written out.
  struct Page: Sendable {
    let representation: Representation
    /// Whether it shows what the directory's changes do not tell of.
    let tellsOfOthers: Bool
  }

  let reader: ListingReader
  let style: ListingStyle

  /// Reads past at most `count` names, and writes the page if that was all.
  ///
  /// - Returns: The page; nil while there is more to read.
  func begin(atMost count: Int) throws(Errno) -> Page? {
    try reader.read(atMost: count).map { page($0) }
  }

  /// Reads what is left, as one of several who do, and writes the page if it finishes last.
  ///
  /// - Returns: The page; nil for the others.
  func goOn() throws(Errno) -> Page? {
    try reader.read(givingWay: true).map { page($0) }
  }

  private func page(_ found: consuming ListingReader.Found) -> Page {
    let (path, wanted) = (reader.path, style.wanted)
    var listing = found.listing
    listing.sort(by: wanted.order, descending: wanted.isDescending)
    let page: [UInt8]
    if wanted.isJSON {
      page = ListingPage.json(listing)
    } else if let decorator = style.decorator,
      let decorated = decorator.page(DirectoryListing(listing, path: path, wanted))
    {
      page = decorated
    } else {
      page = ListingPage.html(
        listing, path: path, rootName: style.rootName, as: wanted, asides: style.asides)
    }
    let representation = Representation(
      page, validators: Preconditions.Validators(tag: EntityTag(hashing: page), modified: nil),
      fields: Representation.Fields(
        type: wanted.isJSON ? "application/json" : "text/html; charset=utf-8",
        cacheControl: style.cacheControl, vary: "Accept, Accept-Encoding"))
    return Page(representation: representation, tellsOfOthers: found.tellsOfOthers)
  }
}
