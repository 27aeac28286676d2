internal import CLinux
internal import ChannelSystem
internal import Glibc
internal import SystemPackage

// From bytes received to responses written.
extension EventLoop {
  /// More responses than this are not gathered before they are sent.
  private static let outputLimit = 131_072

  /// Reads what has arrived and deals with it.
  ///
  /// `isEnd` tells that the end has arrived, too, which is read by itself.
  mutating func receive(_ connection: Connection, isEnd: Bool = false) {
    let scratch = scratch.bytes
    var count: Int
    repeat {
      count = recv(connection.socket.rawValue, scratch.baseAddress, scratch.count, 0)
    } while count < 0 && errno == EINTR
    guard count > 0 else {
      if count < 0, errno == EAGAIN { return }
      close(connection)
      return
    }
    connection.hasUnread = isEnd || count == scratch.count
    if case .lingering = connection.phase { return settle(connection) }
    if connection.input.isEmpty {
      advance(connection, UnsafeBufferPointer(rebasing: scratch[..<count]))
    } else {
      // The request began in an earlier turn; files may have changed before it was complete.
      files.noteChanges()
      var input = connection.input
      connection.input = []
      input += scratch[..<count]
      connection.input = input
      advanceThroughInput(connection)
    }
  }

  /// Deals with what was kept from earlier.
  private mutating func advanceThroughInput(_ connection: Connection) {
    let input = connection.input
    connection.input = []
    input.withUnsafeBufferPointer { advance(connection, $0) }
  }

  /// Goes on after the socket has taken what it would not take before.
  mutating func resume(_ connection: Connection) {
    send(connection)
    guard !connection.isClosed else { return }
    goOn(connection)
  }

  /// Turns to what is left of the input once all responses so far are sent.
  mutating func goOn(_ connection: Connection) {
    if !connection.hasOutput, !connection.isLastResponse, !connection.isWaiting,
      !connection.input.isEmpty
    {
      advanceThroughInput(connection)
    } else {
      settle(connection)
    }
  }

  private mutating func advance(_ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>) {
    var offset = 0
    while true {
      let needsInput = respond(connection, bytes, from: &offset)
      send(connection)
      guard !connection.isClosed else { return }
      if needsInput || connection.hasOutput || connection.isLastResponse || connection.isWaiting {
        break
      }
    }
    if offset < bytes.count {
      if connection.isLastResponse {
        connection.lingers = true
      } else {
        connection.input = Array(bytes[offset...])
      }
    }
    settle(connection)
  }

  /// Answers requests until bytes are missing, or until what there is should be sent first.
  ///
  /// - Returns: Whether bytes are missing.
  private mutating func respond(
    _ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>, from offset: inout Int
  ) -> Bool {
    while offset < bytes.count {
      guard connection.transfer == nil, !connection.isLastResponse, !connection.isWaiting,
        output.count < Self.outputLimit
      else { return false }
      let rest = UnsafeBufferPointer(rebasing: bytes[offset...])
      // A request sent behind another may be younger than this turn.
      if offset > 0 { files.noteChanges() }
      if case .body(let body) = connection.phase {
        offset += receive(rest, of: body, on: connection)
        continue
      }
      if case .upload(let upload) = connection.phase {
        offset += receive(rest, of: upload, on: connection)
        continue
      }
      if !connection.user.isEmpty { connection.user = [] }
      switch parser.parse(rest.span, scanned: connection.scanned) {
      case .incomplete:
        connection.scanned = rest.count
        return true
      case .failed(let status):
        forgetClient(of: connection)
        refuse(connection, status, rest)
        offset = bytes.count
      case .complete:
        connection.scanned = 0
        connection.wait = .nothing
        offset += parser.head.length
        begin(connection, rest)
      }
    }
    return true
  }

  /// Takes more of a body, and answers its request at its end.
  ///
  /// - Returns: How many of `bytes` belong to it.
  private mutating func receive(
    _ bytes: UnsafeBufferPointer<UInt8>, of body: IncomingBody, on connection: Connection
  ) -> Int {
    switch body.consume(bytes.span) {
    case .unfinished:
      return bytes.count
    case .finished(let count):
      connection.phase = .head
      respondAfterBody(connection, body)
      return count
    case .failed(let status):
      refuse(connection, status, after: body.head)
      return bytes.count
    }
  }

  /// Answers the request that the parser holds, now or once its body is read.
  private mutating func begin(_ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>) {
    if isGuarded, !admit(connection, bytes) { return }
    if isExtended, extend(connection, bytes) { return }
    beginWithFiles(connection, bytes)
  }

  mutating func beginWithFiles(_ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>) {
    switch parser.head.framing {
    case .none, .length(0):
      respond(connection, bytes)
    case .length, .chunked:
      if case .length(let length) = parser.head.framing, length > limits.requestBody,
        parser.head.method != .refused, parser.head.method != .unknown
      {
        refuse(connection, .contentTooLarge, bytes)
      } else if parser.head.expectsContinue || isTooLong(parser.head.framing) {
        // The answer does not depend on the body, so it is not asked for; whether it comes all the
        // same cannot be known, so nothing can follow it.
        parser.forbidPersistence()
        connection.lingers = true
        respond(connection, bytes)
      } else {
        let head = Array(bytes[..<parser.head.length])
        let framing = RequestBody(parser.head.framing, limit: limits.requestBody)
        connection.phase = .body(IncomingBody(head: head, framing: framing))
      }
    }
  }

  private mutating func isTooLong(_ framing: BodyFraming) -> Bool {
    if case .length(let length) = framing { length > limits.requestBody } else { false }
  }

  private mutating func respondAfterBody(_ connection: Connection, _ body: IncomingBody) {
    body.head.withUnsafeBufferPointer { bytes in
      // It was complete before.
      guard parser.parse(bytes.span) == .complete else { return close(connection) }
      connection.wait = .nothing
      if let responder = body.responder, var request = body.request {
        request.body = body.content
        respond(connection, with: responder, request, bytes)
      } else {
        respond(connection, bytes)
      }
    }
  }

  /// Readies what the response to the request that the parser holds shares with others.
  mutating func prepareContext() {
    context.isPersistent = parser.head.isPersistent && !isDraining
    context.announcesPersistence = parser.head.minorVersion == 0
  }

  /// Takes note of a response that is written but for its transfer.
  mutating func conclude(
    _ connection: Connection, _ reply: consuming Reply, _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    connection.transfer = reply.transfer
    if reply.transfer == nil { answered = milliseconds }
    connection.isLastResponse = !context.isPersistent
    note(connection, reply, bytes)
  }

  /// Answers the request that the parser holds, with what was made for it if it had to wait.
  mutating func respond(
    _ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>,
    with made: StaticFiles.Made? = nil
  ) {
    prepareContext()
    let answer: StaticFiles.Answer =
      if parser.head.hasUnknownExpectation {
        .reply(output.appendPlain(.expectationFailed, context, method: parser.head.method))
      } else if let made {
        files.respond(to: parser.head, in: bytes.span, context, with: made, into: &output)
      } else {
        files.respond(to: parser.head, in: bytes.span, context, into: &output)
      }
    switch answer {
    case .reply(let reply):
      conclude(connection, reply, bytes)
    case .later(let wait):
      park(connection, bytes, for: wait)
    }
  }

  /// Answers what cannot be understood or will not be put up with.
  mutating func refuse(
    _ connection: Connection, _ status: Status, _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    context.isPersistent = false
    let reply = output.appendPlain(status, context, method: parser.head.method)
    connection.isLastResponse = true
    connection.lingers = true
    note(connection, reply, bytes)
  }

  /// Answers a request whose head is understood and whose body is not, or does not come.
  ///
  /// The parser has read other heads since.
  mutating func refuse(_ connection: Connection, _ status: Status, after head: [UInt8]) {
    head.withUnsafeBufferPointer { bytes in
      parser.forget()
      _ = parser.parse(bytes.span)
      refuse(connection, status, bytes)
    }
  }

  private mutating func note(
    _ connection: Connection, _ reply: consuming Reply, _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    if reply.status == .notFound { reply.isExpectedMiss = isExpectedMiss(bytes) }
    if let metrics {
      let method = LoopMetrics.Method(
        parser.head.method, bytes.span.extracting(parser.head.methodName))
      let time = clinux_nanoseconds() - asked
      metrics.noteRequest(method, reply.status, after: Int(time))
      if reply.isExpectedMiss { metrics.add(to: .expectedMisses) }
    }
    if parser.head.present.contains(.only(.expectedDigest)) { passOnExpectation(reply, bytes) }
    if reply.beginsFile { downloads?.note(bytes.span.extracting(parser.head.path)) }
    guard logsRequests else { return }
    let client = AccessLog.Client(address: connection.peer, user: connection.user)
    if reply.transfer == nil {
      log?.note(
        parser.head, in: bytes.span, from: client, reply, sent: reply.contentLength,
        now: context.now)
    } else {
      connection.contentSent = 0
      connection.line = log?.begin(
        parser.head, in: bytes.span, from: client, reply, now: context.now)
    }
  }

  /// Whether what the request asks for was to be expected to be missing.
  private func isExpectedMiss(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let path = bytes.span.extracting(parser.head.path)
    for name in expectedMisses where path.hasLastComponent(name) { return true }
    return false
  }
}
