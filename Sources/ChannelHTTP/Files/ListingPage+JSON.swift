extension ListingPage {
  /// The listing as JSON, with the fields that nginx gives: name, type, mtime and size.
  static func json(_ listing: Listing) -> [UInt8] {
    var text = PageWriter(capacity: 64 + listing.entries.count * 128)
    var time = TimeText()
    text.write("[")
    var isFirst = true
    for entry in listing.entries {
      text.write(isFirst ? "\n{\"name\":\"" : ",\n{\"name\":\"")
      isFirst = false
      text.writeJSON(listing.name(of: entry))
      text.write(entry.isDirectory ? "\",\"type\":\"directory\"" : "\",\"type\":\"file\"")
      text.write(",\"mtime\":\"")
      text.write(bytes: time.date(of: entry.modified))
      text.write("\"")
      if !entry.isDirectory {
        text.write(",\"size\":")
        text.write(entry.size)
      }
      text.write("}")
    }
    text.write("\n]\n")
    return text.bytes
  }
}

extension PageWriter {
  fileprivate mutating func writeJSON(_ text: ArraySlice<UInt8>) {
    guard !text.isPlain else { return write(bytes: text) }
    for byte in String(decoding: text, as: UTF8.self).utf8 {
      switch byte {
      case ASCII.quote, 0x5C: write(bytes: [0x5C, byte])
      case 0..<ASCII.space:
        write(byte < 16 ? "\\u000" : "\\u00")
        write(bytes: String(byte, radix: 16).utf8)
      default: write(bytes: CollectionOfOne(byte))
      }
    }
  }
}
