/// One loop's share of the access log: lines gathered here, and handed over many at a time.
struct AccessLog: ~Copyable {
  private let writer: LogWriter
  private let format: AccessLogFormat
  private var lines = OutputBuffer(capacity: 32_768)
  private var time: HTTPDate
  /// The time as the lines hold it, rebuilt once a second.
  private var timeField: [UInt8] = []

  /// Whether lines are handed over of which the writer does not know.
  private var hasLinesWaiting = false

  private static let handover = 16_384

  init(writer: LogWriter, format: AccessLogFormat, now: HTTPDate) {
    self.writer = writer
    self.format = format
    time = now
    timeField = Self.field(now, format)
  }

  /// Whether everything noted is on its way to where it belongs.
  var isFlushed: Bool { lines.isEmpty && !hasLinesWaiting }

  /// The part of a line that is known when its response begins.
  struct Line {
    fileprivate var start: [UInt8]
    fileprivate var end: [UInt8]
  }

  /// Who has sent a request.
  struct Client {
    let address: [UInt8]
    /// Empty for nobody in particular.
    let user: [UInt8]
  }

  /// Notes a request whose head lies in `bytes`.
  mutating func note(
    _ head: RequestHead, in bytes: Span<UInt8>, from client: Client, _ reply: Reply,
    sent: Int, now: HTTPDate
  ) {
    appendStart(head, in: bytes, from: client, reply.status, now: now)
    lines.append(decimal: sent)
    appendEnd(head, in: bytes, reply)
    if lines.count >= Self.handover { handOver() }
  }

  /// Prepares the line for a response whose end is yet to come.
  mutating func begin(
    _ head: RequestHead, in bytes: Span<UInt8>, from client: Client, _ reply: Reply, now: HTTPDate
  ) -> Line {
    let mark = lines.count
    appendStart(head, in: bytes, from: client, reply.status, now: now)
    let middle = lines.count
    appendEnd(head, in: bytes, reply)
    defer { lines.truncate(to: mark) }
    return lines.withBytes { Line(start: Array($0[mark..<middle]), end: Array($0[middle...])) }
  }

  /// Notes a response that has ended, for better or worse, after `sent` bytes of content.
  mutating func finish(_ line: Line, sent: Int) {
    lines.append(line.start)
    lines.append(decimal: sent)
    lines.append(line.end)
    if lines.count >= Self.handover { handOver() }
  }

  /// Has everything noted so far written.
  mutating func flush() {
    handOver()
    if hasLinesWaiting { writer.wake() }
    hasLinesWaiting = false
  }

  /// Hands the lines over, to be written when there are enough of them.
  private mutating func handOver() {
    guard !lines.isEmpty else { return }
    hasLinesWaiting = !writer.write(lines.withBytes { Array($0) })
    lines.removeAll()
  }

  private mutating func appendStart(
    _ head: RequestHead, in bytes: Span<UInt8>, from client: Client, _ status: Status,
    now: HTTPDate
  ) {
    if now != time {
      time = now
      timeField = Self.field(now, format)
    }
    guard format != .json else {
      lines.append("{\"time\":\"")
      lines.append(timeField)
      lines.append("\",\"client\":\"")
      lines.append(client.address)
      if !client.user.isEmpty {
        lines.append("\",\"user\":\"")
        escape(client.user.span)
      }
      lines.append("\",\"method\":\"")
      escape(bytes.extracting(head.methodName))
      lines.append("\",\"target\":\"")
      append(url: bytes.extracting(head.target))
      lines.append("\",\"protocol\":\"")
      lines.append(head.minorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1")
      lines.append("\",\"status\":")
      lines.append(decimal: status.code)
      lines.append(",\"bytes\":")
      return
    }
    lines.append(client.address)
    if client.user.isEmpty {
      lines.append(" - - ")
    } else {
      lines.append(" - ")
      escape(client.user.span, orSpace: true)
      lines.append(" ")
    }
    lines.append(timeField)
    lines.append(" \"")
    if head.target.isEmpty {
      lines.append("-")
    } else {
      escape(bytes.extracting(head.methodName))
      lines.append(" ")
      append(url: bytes.extracting(head.target))
      lines.append(head.minorVersion == 0 ? " HTTP/1.0" : " HTTP/1.1")
    }
    lines.append("\" ")
    lines.append(decimal: status.code)
    lines.append(" ")
  }

  private mutating func appendEnd(_ head: RequestHead, in bytes: Span<UInt8>, _ reply: Reply) {
    switch format {
    case .common:
      lines.append("\n")
    case .combined:
      lines.append(" \"")
      appendValue(of: .referer, head, in: bytes, absent: "-")
      lines.append("\" \"")
      appendValue(of: .userAgent, head, in: bytes, absent: "-")
      lines.append("\"\n")
    case .json:
      lines.append(",\"referer\":\"")
      appendValue(of: .referer, head, in: bytes, absent: "")
      lines.append("\",\"agent\":\"")
      appendValue(of: .userAgent, head, in: bytes, absent: "")
      lines.append(reply.isExpectedMiss ? "\",\"expected\":true}\n" : "\"}\n")
    }
  }

  private mutating func appendValue(
    of name: FieldName, _ head: RequestHead, in bytes: Span<UInt8>, absent: StaticString
  ) {
    if let value = head.single(name) {
      if name == .referer {
        append(url: bytes.extracting(value))
      } else {
        escape(bytes.extracting(value))
      }
    } else {
      lines.append(absent)
    }
  }

  /// Appends a target or the URL of a referrer without its secrets.
  private mutating func append(url: Span<UInt8>) {
    var secrets = Secrets(in: url)
    var start = 0
    while let secret = secrets.next(in: url) {
      escape(url.extracting(start..<secret.lowerBound))
      lines.append("***")
      start = secret.upperBound
    }
    escape(url.extracting(start..<url.count))
  }

  /// Appends bytes so that none can end the line, its field, or drive a terminal.
  ///
  /// A field that no quotes surround must have no space either.
  private mutating func escape(_ bytes: Span<UInt8>, orSpace escapesSpace: Bool = false) {
    let least = escapesSpace ? ASCII.space + 1 : ASCII.space
    var start = 0
    for index in bytes.indices {
      let byte = bytes[index]
      if byte >= least, byte < ASCII.delete, byte != ASCII.quote, byte != 0x5C { continue }
      lines.append(bytes.extracting(start..<index))
      lines.append(format == .json ? "\\u00" : "\\x")
      lines.append(byte: Self.hexDigit(byte >> 4))
      lines.append(byte: Self.hexDigit(byte & 15))
      start = index + 1
    }
    lines.append(bytes.extracting(start..<bytes.count))
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? ASCII.zero + value : 0x57 + value
  }

  private static func field(_ time: HTTPDate, _ format: AccessLogFormat) -> [UInt8] {
    let date = time.calendar
    var text: [UInt8] = []
    func append(_ number: Int, _ end: UInt8?) {
      HTTPDate.appendTwoDigits(number, to: &text)
      if let end { text.append(end) }
    }
    if format == .json {
      append(date.year / 100, nil)
      append(date.year % 100, ASCII.minus)
      append(date.month, ASCII.minus)
      append(date.day, 0x54)
    } else {
      text.append(0x5B)
      append(date.day, ASCII.slash)
      text += HTTPDate.name(ofMonth: date.month)
      text.append(ASCII.slash)
      append(date.year / 100, nil)
      append(date.year % 100, ASCII.colon)
    }
    append(date.hour, ASCII.colon)
    append(date.minute, ASCII.colon)
    append(date.second, nil)
    text += (format == .json ? "Z" : " +0000]").utf8
    return text
  }
}
