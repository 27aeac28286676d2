/// A listing written out for people or for programs.
enum ListingPage {
  /// The listing of the directory called `path` below the root, as a web page.
  static func html(_ listing: Listing, path: [UInt8], hasParent: Bool) -> [UInt8] {
    var page: [UInt8] = []
    page.reserveCapacity(1024 + listing.entries.count * 200)
    page += "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n".utf8
    page += "<title>Index of /".utf8
    escape(path[...], into: &page)
    page += "</title>\n".utf8
    page += style.utf8
    page += "</head><body>\n<h1>Index of /".utf8
    escape(path[...], into: &page)
    page += "</h1>\n<table>\n<thead><tr><th><a href=\"?sort=name\">Name</a></th>".utf8
    page += "<th><a href=\"?sort=time&amp;order=desc\">Modified</a></th>".utf8
    page += "<th><a href=\"?sort=size&amp;order=desc\">Size</a></th></tr></thead>\n<tbody>\n".utf8
    if hasParent {
      page += "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n".utf8
    }
    var time = TimeText()
    for entry in listing.entries {
      let name = listing.name(of: entry)
      append("<tr><td><a href=\"", to: &page)
      PercentEncoding.append(name, to: &page)
      if entry.isDirectory { page.append(ASCII.slash) }
      append("\">", to: &page)
      escape(name, into: &page)
      if entry.isDirectory { page.append(ASCII.slash) }
      append("</a></td><td>", to: &page)
      page += time.minute(of: entry.modified)
      append("</td><td>", to: &page)
      if !entry.isDirectory { append(entry.size, to: &page) }
      append("</td></tr>\n", to: &page)
    }
    page += "</tbody></table>\n</body></html>\n".utf8
    return page
  }

  private static let style = """
    <meta name="viewport" content="width=device-width">
    <style>body{font-family:system-ui,sans-serif;margin:2em}td,th{text-align:left;\
    padding:.1em 1.5em .1em 0}td:last-child{text-align:right;font-variant-numeric:tabular-nums}\
    </style>

    """

  /// The listing as JSON, with the fields that nginx gives: name, type, mtime and size.
  static func json(_ listing: Listing) -> [UInt8] {
    var text: [UInt8] = [0x5B]
    text.reserveCapacity(64 + listing.entries.count * 128)
    var time = TimeText()
    var isFirst = true
    for entry in listing.entries {
      append(isFirst ? "\n{\"name\":\"" : ",\n{\"name\":\"", to: &text)
      isFirst = false
      appendJSON(listing.name(of: entry), to: &text)
      append(entry.isDirectory ? "\",\"type\":\"directory\"" : "\",\"type\":\"file\"", to: &text)
      append(",\"mtime\":\"", to: &text)
      text += time.date(of: entry.modified)
      text.append(ASCII.quote)
      if !entry.isDirectory {
        append(",\"size\":", to: &text)
        append(entry.size, to: &text)
      }
      text.append(0x7D)
    }
    text += "\n]\n".utf8
    return text
  }

  private static func append(_ text: StaticString, to page: inout [UInt8]) {
    page += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  private static func append(_ number: Int, to page: inout [UInt8]) {
    var bound = 1
    while number / bound >= 10 { bound *= 10 }
    while bound > 0 {
      page.append(ASCII.zero + UInt8(truncatingIfNeeded: number / bound % 10))
      bound /= 10
    }
  }

  /// Appends text in which no byte means anything to HTML; what is no UTF-8 is replaced.
  private static func escape(_ text: ArraySlice<UInt8>, into page: inout [UInt8]) {
    // What most names consist of.
    if text.allSatisfy({ $0.isLetter || $0.isDigit || $0 &- 0x2B < 4 || $0 == 0x5F }) {
      page += text
      return
    }
    for byte in String(decoding: text, as: UTF8.self).utf8 {
      switch byte {
      case 0x26: page += "&amp;".utf8
      case 0x3C: page += "&lt;".utf8
      case 0x3E: page += "&gt;".utf8
      case ASCII.quote: page += "&quot;".utf8
      case 0x27: page += "&#39;".utf8
      case 0..<ASCII.space, ASCII.delete: page += "\u{FFFD}".utf8
      default: page.append(byte)
      }
    }
  }

  private static func appendJSON(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) {
    if text.allSatisfy({ $0.isLetter || $0.isDigit || $0 &- 0x2B < 4 || $0 == 0x5F }) {
      output += text
      return
    }
    for byte in String(decoding: text, as: UTF8.self).utf8 {
      switch byte {
      case ASCII.quote, 0x5C: output += [0x5C, byte]
      case 0..<ASCII.space:
        output += (byte < 16 ? "\\u000" : "\\u00").utf8
        output += String(byte, radix: 16).utf8
      default: output.append(byte)
      }
    }
  }
}

/// Times as text, where many that follow each other are the same.
private struct TimeText {
  private var last: HTTPDate?
  private var text: [UInt8] = []

  /// As in `2026-01-31 09:05`, UTC.
  mutating func minute(of time: HTTPDate) -> [UInt8] {
    guard time != last else { return text }
    last = time
    text.removeAll(keepingCapacity: true)
    let date = time.calendar
    for (number, end) in [
      (date.year / 100, nil), (date.year % 100, ASCII.minus), (date.month, ASCII.minus),
      (date.day, ASCII.space), (date.hour, ASCII.colon), (date.minute, nil),
    ] {
      HTTPDate.appendTwoDigits(number, to: &text)
      if let end { text.append(end) }
    }
    return text
  }

  mutating func date(of time: HTTPDate) -> [UInt8] {
    guard time != last else { return text }
    last = time
    text = time.bytes
    return text
  }
}
