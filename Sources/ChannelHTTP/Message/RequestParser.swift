/// Reads request heads, strictly, in place.
///
/// RFC 9112 sections 2 to 6. Where that grammar lets a recipient be lenient, this one is lenient
/// only where no two readers can disagree about where the message ends: empty lines before the
/// request line, and a bare line feed at the end of a line.
package struct RequestParser: Sendable {
  /// The bounds of what is read.
  package struct Limits: Sendable, Hashable {
    package var requestLine = 16_384
    package var head = 32_768
    package var fields = 100

    package init() {}
  }

  package enum Outcome: Sendable, Hashable {
    case incomplete
    case complete
    /// The request must be answered with this status and the connection closed.
    case failed(Status)
  }

  /// The head that was parsed last, valid over the bytes given to `parse`.
  package private(set) var head = RequestHead()
  package let limits: Limits

  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// Parses the head at the start of `bytes`.
  ///
  /// Bytes before `scanned` are known from an earlier attempt to hold no complete head; with them
  /// the head is parsed only once its end is there, so that a head that arrives byte by byte costs
  /// no more than one that arrives whole.
  package mutating func parse(_ bytes: Span<UInt8>, scanned: Int = 0) -> Outcome {
    if scanned > 0, !Self.mayEnd(in: bytes, from: scanned) { return withinLimits(bytes) }
    head.reset()
    do {
      return try parseHead(bytes) ? .complete : withinLimits(bytes)
    } catch {
      // Fields may not have been read: whatever they say, nothing follows on this connection.
      head.isPersistent = false
      return .failed(error)
    }
  }

  /// Forgets the last head, whose bytes are gone.
  mutating func forget() {
    head.reset()
  }

  /// Makes the request the last one on its connection.
  mutating func forbidPersistence() {
    head.isPersistent = false
  }

  /// Whether an empty line ends after `start`.
  private static func mayEnd(in bytes: Span<UInt8>, from start: Int) -> Bool {
    var index = bytes.count
    while index > max(start, 1) {
      index -= 1
      guard bytes[index] == ASCII.lineFeed else { continue }
      if bytes[index - 1] == ASCII.lineFeed { return true }
      if index > 1, bytes[index - 1] == ASCII.carriageReturn, bytes[index - 2] == ASCII.lineFeed {
        return true
      }
    }
    return false
  }

  private func withinLimits(_ bytes: Span<UInt8>) -> Outcome {
    guard bytes.count > min(limits.requestLine, limits.head) else { return .incomplete }
    for index in 0..<min(bytes.count, limits.requestLine) where bytes[index] == ASCII.lineFeed {
      // Leading empty lines end here too; a flood of them is caught by the bound of the head.
      return bytes.count > limits.head ? .failed(.fieldsTooLarge) : .incomplete
    }
    return .failed(.uriTooLong)
  }

  /// False when bytes are missing.
  private mutating func parseHead(_ bytes: Span<UInt8>) throws(Status) -> Bool {
    var index = 0
    while index < bytes.count {
      if bytes[index] == ASCII.lineFeed {
        index += 1
      } else if bytes[index] == ASCII.carriageReturn {
        guard index + 1 < bytes.count else { return false }
        guard bytes[index + 1] == ASCII.lineFeed else { throw .badRequest }
        index += 2
      } else {
        break
      }
    }
    guard let line = try parseRequestLine(bytes, from: index) else { return false }
    guard let end = try parseFields(bytes, from: line) else { return false }
    guard end <= limits.head else { throw .fieldsTooLarge }
    head.length = end
    try settle(bytes)
    return true
  }

  /// Reads `method SP target SP version` and answers where the next line starts.
  private mutating func parseRequestLine(
    _ bytes: Span<UInt8>, from start: Int
  ) throws(Status) -> Int? {
    var index = start
    while index < bytes.count, bytes[index].isTokenCharacter { index += 1 }
    // No method is this long: what arrives is no HTTP, and no line of it need be waited for.
    guard index - start <= 32 else { throw .badRequest }
    guard index < bytes.count else { return nil }
    guard bytes[index] == ASCII.space, index > start else { throw .badRequest }
    head.methodName = start..<index
    head.method = Method(bytes.extracting(start..<index))

    index += 1
    let target = index
    while index < bytes.count, bytes[index] > ASCII.space, bytes[index] != ASCII.delete {
      index += 1
    }
    guard index - start <= limits.requestLine else { throw .uriTooLong }
    guard index < bytes.count else { return nil }
    guard bytes[index] == ASCII.space, index > target else { throw .badRequest }
    head.target = target..<index

    let version = index + 1
    guard version + 9 <= bytes.count else {
      // Enough to tell a line without a version from one that is still arriving.
      for index in version..<bytes.count where bytes[index] == ASCII.lineFeed {
        throw .badRequest
      }
      return nil
    }
    guard bytes.extracting(version..<version + 5).equals("HTTP/"), bytes[version + 5].isDigit,
      bytes[version + 6] == ASCII.dot, bytes[version + 7].isDigit
    else { throw .badRequest }
    guard let next = try lineEnd(bytes, at: version + 8) else { return nil }
    guard bytes[version + 5] == ASCII.zero + 1 else { throw .versionNotSupported }
    head.minorVersion = bytes[version + 7] == ASCII.zero ? 0 : 1
    return next
  }

  /// The index after the line end at `index`, nil when it has not arrived whole.
  private func lineEnd(_ bytes: Span<UInt8>, at index: Int) throws(Status) -> Int? {
    if bytes[index] == ASCII.lineFeed { return index + 1 }
    guard bytes[index] == ASCII.carriageReturn else { throw .badRequest }
    guard index + 1 < bytes.count else { return nil }
    guard bytes[index + 1] == ASCII.lineFeed else { throw .badRequest }
    return index + 2
  }

  /// Reads field lines up to and with the empty line, and answers what comes after it.
  private mutating func parseFields(
    _ bytes: Span<UInt8>, from start: Int
  ) throws(Status) -> Int? {
    var index = start
    let count = bytes.count
    while index < count {
      if bytes[index] == ASCII.carriageReturn || bytes[index] == ASCII.lineFeed {
        return try lineEnd(bytes, at: index)
      }
      let name = index
      while index < count, bytes[index].isTokenCharacter { index += 1 }
      guard index < count else { return nil }
      // White space before the colon, a folded line and an empty name all end up here.
      guard bytes[index] == ASCII.colon, index > name else { throw .badRequest }
      let field = FieldName(bytes.extracting(name..<index))
      index += 1
      let value = index
      while index < count, bytes[index].isFieldContent { index += 1 }
      guard index < count else { return nil }
      let end = index
      guard let next = try lineEnd(bytes, at: index) else { return nil }
      guard head.fields.count < limits.fields else { throw .fieldsTooLarge }
      head.fields.append(.init(name: field, value: bytes.trimmed(value..<end)))
      head.present.insert(.only(field))
      index = next
    }
    return nil
  }
}

// What the fields say about the message itself.
extension RequestParser {
  private mutating func settle(_ bytes: Span<UInt8>) throws(Status) {
    try settleHost(bytes)
    try settleTarget(bytes)
    settleConnection(bytes)
    try settleFraming(bytes)
    settleExpectation(bytes)
  }

  /// RFC 9112 section 3.2: exactly one valid Host in HTTP/1.1, at most one in 1.0.
  private func settleHost(_ bytes: Span<UInt8>) throws(Status) {
    guard head.present.contains(.only(.host)) else {
      if head.minorVersion > 0 { throw .badRequest }
      return
    }
    guard let host = head.single(.host), HostField.isValid(bytes.extracting(host)) else {
      throw .badRequest
    }
  }

  /// RFC 9112 section 3.2.1 to 3.2.4.
  private mutating func settleTarget(_ bytes: Span<UInt8>) throws(Status) {
    // Authority-form belongs to CONNECT, which is refused whatever it names.
    let name = bytes.extracting(head.methodName)
    if head.method == .refused, name.equals("CONNECT") { return }
    var path = head.target
    if bytes[path.lowerBound] == ASCII.asterisk, path.count == 1 {
      guard head.method == .options else { throw .badRequest }
      head.asksForServer = true
      return
    }
    if bytes[path.lowerBound] != ASCII.slash { path = try pathOfAbsoluteForm(bytes) }
    for index in path {
      if bytes[index] == ASCII.hash { throw .badRequest }
      if bytes[index] == ASCII.question, head.query == nil {
        head.query = index + 1..<path.upperBound
      }
    }
    if let query = head.query { path = path.lowerBound..<query.lowerBound - 1 }
    head.path = path
  }

  private func pathOfAbsoluteForm(_ bytes: Span<UInt8>) throws(Status) -> Range<Int> {
    let target = bytes.extracting(head.target)
    let scheme: Int
    if target.count > 7, target.extracting(0..<7).equalsIgnoringCase("http://") {
      scheme = 7
    } else if target.count > 8, target.extracting(0..<8).equalsIgnoringCase("https://") {
      scheme = 8
    } else {
      throw .badRequest
    }
    var end = scheme
    while end < target.count, target[end] != ASCII.slash, target[end] != ASCII.question {
      end += 1
    }
    guard end > scheme, HostField.isValid(target.extracting(scheme..<end)) else {
      throw .badRequest
    }
    return head.target.lowerBound + end..<head.target.upperBound
  }

  /// RFC 9112 section 9.3.
  private mutating func settleConnection(_ bytes: Span<UInt8>) {
    guard head.present.contains(.only(.connection)) else {
      head.isPersistent = head.minorVersion > 0
      return
    }
    var (close, keep) = (false, false)
    for value in head.values(of: .connection) {
      bytes.extracting(value).forEachListMember { option in
        if option.equalsIgnoringCase("close") { close = true }
        if option.equalsIgnoringCase("keep-alive") { keep = true }
      }
    }
    head.isPersistent = !close && (head.minorVersion > 0 || keep)
  }

  /// RFC 9112 section 6.3, with everything refused that could be read in two ways.
  private mutating func settleFraming(_ bytes: Span<UInt8>) throws(Status) {
    let hasLength = head.present.contains(.only(.contentLength))
    if head.present.contains(.only(.transferEncoding)) {
      guard !hasLength, head.minorVersion > 0, let value = head.single(.transferEncoding) else {
        throw .badRequest
      }
      let coding = bytes.extracting(value)
      if coding.equalsIgnoringCase("chunked") {
        head.framing = .chunked
        return
      }
      var (members, chunked, lastIsChunked) = (0, 0, false)
      coding.forEachListMember { member in
        members += 1
        lastIsChunked = member.equalsIgnoringCase("chunked")
        if lastIsChunked { chunked += 1 }
      }
      // A coding that is not known, closed by chunked as it must be, is the client's right to try.
      throw lastIsChunked && chunked == 1 && members > 1 ? .notImplemented : .badRequest
    }
    guard hasLength else { return }
    guard let value = head.single(.contentLength),
      let length = bytes.extracting(value).decimalValue()
    else { throw .badRequest }
    head.framing = .length(length)
  }

  /// RFC 9110 section 10.1.1; a 1.0 client's expectation is ignored.
  private mutating func settleExpectation(_ bytes: Span<UInt8>) {
    guard head.present.contains(.only(.expect)), head.minorVersion > 0 else { return }
    if let value = head.single(.expect),
      bytes.extracting(value).equalsIgnoringCase("100-continue")
    {
      head.expectsContinue = true
    } else {
      head.hasUnknownExpectation = true
    }
  }
}
