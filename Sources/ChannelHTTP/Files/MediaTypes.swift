/// Media types by the ending of a file's name.
package enum MediaTypes {
  /// The type for what no ending tells.
  package static let fallback: StaticString = "application/octet-stream"

  /// The media type of a file called `name`.
  ///
  /// An ending that names a compression is the type: a compressed file asked for by its own name is
  /// sent as it lies there, never as a coding of something else.
  package static func type(of name: some BidirectionalCollection<UInt8>) -> StaticString {
    guard let dot = name.lastIndex(of: ASCII.dot), dot != name.startIndex else { return fallback }
    let ending = name[name.index(after: dot)...].map(\.lowercased)
    return ending.count <= 12 ? table[ending] ?? fallback : fallback
  }

  /// Whether packing files of this type makes them much smaller.
  static func isCompressible(_ type: StaticString) -> Bool {
    let name = UnsafeBufferPointer(start: type.utf8Start, count: type.utf8CodeUnitCount)
    return name.starts(with: "text/".utf8) || name.starts(with: "application/json".utf8)
      || name.starts(with: "image/svg".utf8) || name.starts(with: "application/rss".utf8)
      || name.starts(with: "application/xml".utf8)
  }

  private static let table: [[UInt8]: StaticString] = {
    let types: [(String, StaticString)] = [
      ("json", "application/json"), ("conda", "application/octet-stream"),
      ("bz2", "application/x-bzip2"), ("zst", "application/zstd"), ("gz", "application/gzip"),
      ("tgz", "application/gzip"), ("xz", "application/x-xz"), ("zip", "application/zip"),
      ("whl", "application/zip"), ("tar", "application/x-tar"),
      ("msgpack", "application/vnd.msgpack"), ("html", "text/html; charset=utf-8"),
      ("htm", "text/html; charset=utf-8"), ("txt", "text/plain; charset=utf-8"),
      ("md", "text/markdown; charset=utf-8"), ("log", "text/plain; charset=utf-8"),
      ("xml", "application/xml"), ("rss", "application/rss+xml; charset=utf-8"),
      ("atom", "application/atom+xml; charset=utf-8"), ("yaml", "application/yaml"),
      ("yml", "application/yaml"), ("toml", "application/toml"),
      ("css", "text/css; charset=utf-8"), ("js", "text/javascript; charset=utf-8"),
      ("mjs", "text/javascript; charset=utf-8"), ("svg", "image/svg+xml"), ("png", "image/png"),
      ("jpg", "image/jpeg"), ("jpeg", "image/jpeg"), ("gif", "image/gif"),
      ("webp", "image/webp"), ("ico", "image/x-icon"), ("woff2", "font/woff2"),
      ("wasm", "application/wasm"), ("pdf", "application/pdf"),
      ("csv", "text/csv; charset=utf-8"), ("sh", "text/plain; charset=utf-8"),
      ("asc", "text/plain; charset=utf-8"), ("sig", "application/octet-stream"),
    ]
    return Dictionary(uniqueKeysWithValues: types.map { (Array($0.0.utf8), $0.1) })
  }()
}
