import ChannelHTTP
import ChannelSite
import Logging
import Support
import SystemPackage
import Testing

@Suite struct DownloadCounterTests {
  private let directory: TemporaryDirectory
  private let file: FilePath
  private let said = Recorder<String>()

  init() throws {
    directory = try TemporaryDirectory()
    file = directory("kept/downloads.json")
    try directory("kept").createDirectories()
  }

  private func counter() throws -> DownloadCounter {
    try DownloadCounter(
      file,
      logger: Logger(label: "test") { [said] _ in SayingLogHandler(said) })
  }

  /// Counts files as if all below `/c/noarch` were packages.
  private func count(_ downloads: [String: Int], by counter: DownloadCounter) {
    let downloads = downloads.map { (Array($0.key.utf8), $0.value) }
    counter.count(Dictionary(uniqueKeysWithValues: downloads)) { path in
      let path = String(decoding: path, as: UTF8.self)
      guard path.hasPrefix("/c/noarch/") else { return nil }
      return .init(channel: "/c", package: String(path.dropFirst("/c/".count)))
    }
  }

  private func counts(_ json: String) throws -> Substring {
    let start = try #require(json.firstRange(of: "\"channels\":"))
    #expect(json.wholeMatch(of: /\{"since":"20[0-9T:-]+Z","channels":(.|\n)*\}\n/) != nil)
    return json[start.upperBound...]
  }

  private func shown(by counter: DownloadCounter) throws -> Substring {
    guard case .bytes(let bytes) = counter.response.body else { return "" }
    return try counts(String(decoding: bytes, as: UTF8.self))
  }

  @Test func `packages are counted, and nothing else`() throws {
    let counter = try counter()
    count(["/c/noarch/a-1-0.conda": 2, "/d/noarch/a-1-0.conda": 5], by: counter)
    count(["/c/noarch/a-1-0.conda": 1, "/c/noarch/\"-1-0.conda": 1], by: counter)
    #expect(
      try shown(by: counter) == """
        {
        "/c":{
        "noarch/\\"-1-0.conda":1,
        "noarch/a-1-0.conda":3
        }
        }}

        """)
  }

  @Test func `counts go on after a restart`() throws {
    for run in 1...3 {
      let counter = try counter()
      // What comes before the file is read counts, too.
      count(["/c/noarch/a-1-0.conda": 1], by: counter)
      try counter.start()
      count(["/c/noarch/a-1-0.conda": 1, "/c/noarch/b\(run)-1-0.conda": 7], by: counter)
      counter.stop()
    }
    let kept = try counts(file.readText())
    #expect(kept.contains("\"noarch/a-1-0.conda\":6,"))
    for run in 1...3 { #expect(kept.contains("\"noarch/b\(run)-1-0.conda\":7")) }
    #expect(try directory("kept").entryNames() == ["downloads.json"])
  }

  @Test func `the time from which is counted is that of the first`() throws {
    try file.write(#"{"since":"2001-02-03T04:05:06Z","channels":{}}"#)
    let counter = try counter()
    try counter.start()
    counter.stop()
    #expect(try file.readText().hasPrefix(#"{"since":"2001-02-03T04:05:06Z","#))
  }

  @Test func `the file is written while it is counted`() throws {
    let counter = try counter()
    try counter.start(writingEvery: 1)
    for number in 1...3 {
      count(["/c/noarch/a-1-0.conda": 1], by: counter)
      while try !file.readText().contains("\"noarch/a-1-0.conda\":\(number)\n") {}
    }
    counter.stop()
  }

  @Test func `a failure to write is told once, and loses nothing`() throws {
    let counter = try counter()
    try counter.start()
    try directory("kept").removeRecursively()
    for _ in 0..<3 {
      count(["/c/noarch/a-1-0.conda": 1], by: counter)
      counter.save()
    }
    #expect(said.values.count == 1)
    #expect(said.values.first?.contains(file.string) == true)
    try directory("kept").createDirectories()
    counter.stop()
    #expect(try file.readText().contains("\"noarch/a-1-0.conda\":3\n"))
  }

  @Test(arguments: [
    "", "{", "[]", "{}", #"{"since":"now","channels":{}}"#, #"{"since":"2001-02-03T04:05:06Z"}"#,
    #"{"since":"2001-02-03T04:05:06Z","channels":{"/":3}}"#,
    #"{"since":"2001-02-03T04:05:06Z","channels":{"/":{"a":-1}}}"#,
    #"{"since":"2001-02-03T04:05:06Z","channels":{"/":{"a":1.5}}}"#,
    #"{"since":"2001-02-03T04:05:06Z","channels":{"/":{"a":9223372036854775807}}}"#,
  ])
  func `a file of something else is not overwritten`(_ text: String) throws {
    try file.write(text)
    #expect(throws: SiteError.self) { try DownloadCounter.check(file) }
    let counter = try counter()
    #expect(throws: SiteError.self) { try counter.start() }
    counter.stop()
    #expect(try file.readText() == text)
  }

  @Test func `a place where no file can be is refused, and looking there writes nothing`() throws {
    try DownloadCounter.check(file)
    #expect(!file.exists)
    let nowhere = directory("none/at/all")
    #expect(throws: SiteError.self) { try DownloadCounter.check(nowhere) }
    #expect(throws: SiteError.self) { try DownloadCounter.check(directory("kept")) }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    #expect(throws: SiteError.self) { try DownloadCounter(nowhere, logger: logger).start() }
  }

  @Test func `metrics know the sums of subdirs`() throws {
    let counter = try counter()
    count(["/c/noarch/a-1-0.conda": 2, "/c/noarch/b-1-0.conda": 3], by: counter)
    var text = MetricsText()
    counter.write(to: &text)
    let told = try PrometheusText(String(decoding: text.bytes, as: UTF8.self))
    #expect(told.samples == [#"channel_downloads_total{channel="/c",subdir="noarch"}"#: 5])
  }
}

/// Keeps what is logged.
private struct SayingLogHandler: LogHandler {
  private let said: Recorder<String>
  var logLevel = Logger.Level.info
  var metadata = Logger.Metadata()

  init(_ said: Recorder<String>) {
    self.said = said
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    said.append("\(event.message)")
  }
}
