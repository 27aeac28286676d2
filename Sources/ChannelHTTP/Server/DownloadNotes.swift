/// The downloads that one loop has answered and nobody has heard of.
///
/// To note one costs no more than to copy its path; the rest is done elsewhere, for many at once.
struct DownloadNotes {
  private let sink: DownloadSink
  private let suffixes: [[UInt8]]
  /// Paths as they were sent, each with a line feed, which no path has.
  private var lines: [UInt8] = []

  init(for sink: DownloadSink) {
    self.sink = sink
    suffixes = sink.suffixes.map { Array($0.utf8) }
  }

  var isEmpty: Bool { lines.isEmpty }

  /// Notes that the file at a path was downloaded, as the path was sent.
  mutating func note(_ path: Span<UInt8>) {
    guard Self.ends(path, in: suffixes) || Self.isEncoded(path) else { return }
    path.withUnsafeBytes { lines += $0 }
    lines.append(ASCII.lineFeed)
  }

  /// What has to be done to tell of all that was noted; nothing is noted afterwards.
  mutating func takeAll() -> WorkerPool.Work {
    let (sink, suffixes, lines) = (sink, suffixes, lines)
    self.lines = []
    return {
      // Mostly the same few are asked for again and again, and in the same spelling.
      let sent = lines.split(separator: ASCII.lineFeed).reduce(into: [:]) {
        $0[$1, default: 0] += 1
      }
      var downloads: [[UInt8]: Int] = [:]
      var decoded = RequestPath()
      for (path, count) in sent {
        guard (try? decoded.decode(path.span)) != nil, Self.ends(decoded.name.span, in: suffixes)
        else { continue }
        downloads[decoded.absolute, default: 0] += count
      }
      if !downloads.isEmpty { sink.hear(downloads) }
    }
  }

  private static func ends(_ path: Span<UInt8>, in suffixes: [[UInt8]]) -> Bool {
    for suffix in suffixes where path.count >= suffix.count {
      let start = path.count - suffix.count
      var index = 0
      while index < suffix.count, path[start + index] == suffix[index] { index += 1 }
      if index == suffix.count { return true }
    }
    return false
  }

  /// Whether the path may end in another way than it seems to.
  private static func isEncoded(_ path: Span<UInt8>) -> Bool {
    for index in path.indices where path[index] == ASCII.percent { return true }
    return false
  }
}
