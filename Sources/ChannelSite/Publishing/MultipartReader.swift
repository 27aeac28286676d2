internal import Glibc

/// Takes a `multipart/form-data` body apart as it arrives (RFC 7578, RFC 2046 section 5.1).
struct MultipartReader: Sendable {
  /// What comes next in the body.
  enum Event: Sendable {
    case part(Headers)
    /// More of the current part.
    case content([UInt8])
    /// The current part is complete.
    case end
  }

  /// A part's header fields, by name in lower case.
  struct Headers: Sendable {
    var fields: [String: String] = [:]

    /// The name of the form's field.
    var name: String? { parameter("name") }

    /// What the client calls the file.
    var fileName: String? { fields["x-file-name"] ?? parameter("filename") }

    private func parameter(_ name: String) -> String? {
      // Names and files of packages hold neither quotes nor semicolons.
      for item in (fields["content-disposition"] ?? "").split(separator: ";").dropFirst() {
        let parts = item.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, parts[0].filter({ $0 != " " }).lowercased() == name else {
          continue
        }
        return String(parts[1].drop { $0 == " " || $0 == "\"" }.prefix { $0 != "\"" })
      }
      return nil
    }
  }

  /// The body is not what it says.
  struct Malformed: Error {}

  private enum State {
    case preamble, headers, content, finished
  }

  private static let headerLimit = 8192

  private var state = State.preamble
  /// What has arrived and is not understood yet.
  private var rest: [UInt8]
  /// What ends a part.
  private let delimiter: [UInt8]

  /// Whether the last part has ended.
  var isFinished: Bool {
    if case .finished = state { true } else { false }
  }

  /// Reads a body of this media type; nil when it names no boundary.
  init?(contentType: String) {
    let parts = contentType.split(separator: ";")
    guard parts.first?.lowercased().filter({ $0 != " " }) == "multipart/form-data" else {
      return nil
    }
    var boundary: Substring?
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1)
      if pair.count == 2, pair[0].filter({ $0 != " " }).lowercased() == "boundary" {
        boundary = pair[1].drop { $0 == " " || $0 == "\"" }.prefix { $0 != "\"" }
      }
    }
    guard let boundary, (1...70).contains(boundary.utf8.count) else { return nil }
    delimiter = Array("\r\n--\(boundary)".utf8)
    // The first one may stand at the very beginning.
    rest = [0x0D, 0x0A]
  }

  /// Takes more of the body, and passes on what it turns out to be.
  mutating func read(
    _ bytes: [UInt8], _ visit: (Event) throws(Malformed) -> Void
  ) throws(Malformed) {
    rest += bytes
    var start = 0
    loop: while true {
      switch state {
      case .finished:
        start = rest.count
        break loop
      case .preamble, .content:
        let end = Self.find(delimiter, in: rest, from: start)
        // What follows the delimiter says whether it is the last one.
        guard let end, end + delimiter.count + 2 <= rest.count else {
          let known = end ?? max(start, rest.count - delimiter.count - 1)
          if case .content = state, known > start {
            try visit(.content(Array(rest[start..<known])))
          }
          start = known
          break loop
        }
        if case .content = state {
          if end > start { try visit(.content(Array(rest[start..<end]))) }
          try visit(.end)
        }
        let next = end + delimiter.count
        let isLast = rest[next] == 0x2D && rest[next + 1] == 0x2D
        guard isLast || rest[next] == 0x0D && rest[next + 1] == 0x0A else { throw Malformed() }
        state = isLast ? .finished : .headers
        // The line's end is kept, for a part without any header begins with an empty line.
        start = isLast ? rest.count : next
      case .headers:
        guard let end = Self.find([0x0D, 0x0A, 0x0D, 0x0A], in: rest, from: start) else {
          guard rest.count - start <= Self.headerLimit else { throw Malformed() }
          break loop
        }
        guard end - start <= Self.headerLimit else { throw Malformed() }
        try visit(.part(Self.headers(rest[start..<end])))
        state = .content
        start = end + 4
      }
    }
    rest.removeFirst(start)
  }

  private static func headers(_ bytes: ArraySlice<UInt8>) -> Headers {
    var headers = Headers()
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\r\n") {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let value = parts[1].drop { $0 == " " || $0 == "\t" }
      headers.fields[parts[0].lowercased()] = String(value)
    }
    return headers
  }

  private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { bytes in
      var index = start
      while index + pattern.count <= bytes.count {
        guard let base = bytes.baseAddress,
          let hit = memchr(base + index, CInt(pattern[0]), bytes.count - index - pattern.count + 1)
        else { return nil }
        index = UnsafeRawPointer(hit) - base
        if memcmp(base + index, pattern, pattern.count) == 0 { return index }
        index += 1
      }
      return nil
    }
  }
}
