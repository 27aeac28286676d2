internal import CListingPage

/// The style and the script of listings, which every page carries in itself.
enum ListingAssets {
  static let style = condensed(listing_page_style())
  static let script = condensed(listing_page_script())

  /// The one style and the one script that browsers may heed on the page, by their SHA-256.
  ///
  /// Content Security Policy Level 3. A test says what the digests have to be.
  static let policy: StaticString = """
    default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; \
    style-src 'sha256-D+sK8LHnb2wXO32ej+73+XDjmcqEZdIbgPx2zGDxWY0='; \
    script-src 'sha256-UyDRlOtF4Vsti20U1qIo7wukDcTP9XE60zcS5dvDqCU='
    """

  /// The lines without indentation, comments and what is empty.
  ///
  /// Comments have lines to themselves.
  private static func condensed(_ source: listing_page_text) -> [UInt8] {
    let source = UnsafeBufferPointer(start: source.bytes, count: source.count)
    var text: [UInt8] = []
    text.reserveCapacity(source.count)
    var isComment = false
    for line in source.split(separator: ASCII.lineFeed) {
      let line = line.drop { $0 == ASCII.space }
      if line.starts(with: "/*".utf8) { isComment = true }
      if !isComment, !line.isEmpty, !line.starts(with: "//".utf8) {
        text += line
        text.append(ASCII.lineFeed)
      }
      if isComment, line.suffix(2).elementsEqual("*/".utf8) { isComment = false }
    }
    return text
  }
}
