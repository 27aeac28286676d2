/// A listing written out for people or for programs.
package enum ListingPage {
  /// The listing of the directory called `path` below the root, as a web page.
  package static func html(_ listing: Listing, path: [UInt8], hasParent: Bool) -> [UInt8] {
    var page: [UInt8] = []
    page.reserveCapacity(1024 + listing.entries.count * 200)
    page += "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n".utf8
    page += "<title>Index of /".utf8
    escape(path, into: &page)
    page += "</title>\n".utf8
    page += style.utf8
    page += "</head><body>\n<h1>Index of /".utf8
    escape(path, into: &page)
    page += "</h1>\n<table>\n<thead><tr><th><a href=\"?sort=name\">Name</a></th>".utf8
    page += "<th><a href=\"?sort=time&amp;order=desc\">Modified</a></th>".utf8
    page += "<th><a href=\"?sort=size&amp;order=desc\">Size</a></th></tr></thead>\n<tbody>\n".utf8
    if hasParent {
      page += "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n".utf8
    }
    for entry in listing.entries {
      page += "<tr><td><a href=\"".utf8
      PercentEncoding.append(entry.name, to: &page)
      if entry.isDirectory { page.append(ASCII.slash) }
      page += "\">".utf8
      escape(entry.name, into: &page)
      if entry.isDirectory { page.append(ASCII.slash) }
      page += "</a></td><td>".utf8
      appendTime(entry.modified, to: &page)
      page += "</td><td>".utf8
      if !entry.isDirectory { page += String(entry.size).utf8 }
      page += "</td></tr>\n".utf8
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
  package static func json(_ listing: Listing) -> [UInt8] {
    var text: [UInt8] = [0x5B]
    text.reserveCapacity(64 + listing.entries.count * 128)
    for (index, entry) in listing.entries.enumerated() {
      text += (index == 0 ? "\n{\"name\":\"" : ",\n{\"name\":\"").utf8
      appendJSON(entry.name, to: &text)
      text += (entry.isDirectory ? "\",\"type\":\"directory\"" : "\",\"type\":\"file\"").utf8
      text += ",\"mtime\":\"".utf8
      text += entry.modified.bytes
      text.append(ASCII.quote)
      if !entry.isDirectory { text += ",\"size\":\(entry.size)".utf8 }
      text.append(0x7D)
    }
    text += "\n]\n".utf8
    return text
  }

  /// Appends text in which no byte means anything to HTML; what is no UTF-8 is replaced.
  private static func escape(_ text: [UInt8], into page: inout [UInt8]) {
    let isPlain = text.allSatisfy { $0 >= ASCII.space && $0 < ASCII.delete }
    for byte in isPlain ? text : Array(String(decoding: text, as: UTF8.self).utf8) {
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

  private static func appendJSON(_ text: [UInt8], to output: inout [UInt8]) {
    let isPlain = text.allSatisfy { $0 < 0x80 }
    for byte in isPlain ? text : Array(String(decoding: text, as: UTF8.self).utf8) {
      switch byte {
      case ASCII.quote, 0x5C: output += [0x5C, byte]
      case 0..<ASCII.space:
        output += "\\u00".utf8
        output += (byte < 16 ? "0" : "").utf8
        output += String(byte, radix: 16).utf8
      default: output.append(byte)
      }
    }
  }

  /// As in `2026-01-31 09:05`, UTC.
  private static func appendTime(_ time: HTTPDate, to page: inout [UInt8]) {
    let date = time.calendar
    HTTPDate.appendTwoDigits(date.year / 100 % 100, to: &page)
    HTTPDate.appendTwoDigits(date.year % 100, to: &page)
    page.append(ASCII.minus)
    HTTPDate.appendTwoDigits(date.month, to: &page)
    page.append(ASCII.minus)
    HTTPDate.appendTwoDigits(date.day, to: &page)
    page.append(ASCII.space)
    HTTPDate.appendTwoDigits(date.hour, to: &page)
    page.append(ASCII.colon)
    HTTPDate.appendTwoDigits(date.minute, to: &page)
  }
}

/// How a visitor wants a listing.
package struct ListingOptions: Sendable, Hashable {
  package var isJSON = false
  package var order = Listing.Order.name
  package var isDescending = false

  package init() {}

  /// A number of its own for each choice, never zero.
  var code: UInt8 {
    let column: UInt8 =
      switch order {
      case .name: 0
      case .modified: 1
      case .size: 2
      }
    return 1 + (isJSON ? 1 : 0) + (isDescending ? 2 : 0) + column * 4
  }

  /// Reads `format=json`, `sort=name|time|size` and `order=asc|desc`; anything else is ignored.
  package init(query: Span<UInt8>) {
    var start = 0
    while start < query.count {
      var end = start
      while end < query.count, query[end] != 0x26 { end += 1 }
      let parameter = query.extracting(start..<end)
      start = end + 1
      if parameter.equals("format=json") {
        isJSON = true
      } else if parameter.equals("format=html") {
        isJSON = false
      } else if parameter.equals("sort=name") {
        order = .name
      } else if parameter.equals("sort=time") || parameter.equals("sort=mtime") {
        order = .modified
      } else if parameter.equals("sort=size") {
        order = .size
      } else if parameter.equals("order=desc") {
        isDescending = true
      } else if parameter.equals("order=asc") {
        isDescending = false
      }
    }
  }
}
