internal import Logging

// Requests that are not, or not only, for the files.
extension EventLoop {
  /// What the embedder has put between requests and files.
  struct Extensions: Sendable {
    let authenticator: Authenticator?
    let routes: Routes

    init?(_ configuration: ServerConfiguration) {
      authenticator = configuration.authenticator
      routes = Routes(configuration)
      if authenticator == nil, routes.isEmpty { return nil }
    }

    /// Whether somebody has to say what may become of a request, whose path is plain.
    func judges(_ head: RequestHead, _ path: Span<UInt8>) -> Bool {
      guard let authenticator else { return false }
      guard authenticator.letsAnybodyRead, head.method == .get || head.method == .head else {
        return true
      }
      return PresentedCredentials.mayLie(in: head, path)
    }
  }

  /// Answers the request that the parser holds, if it is for anyone but the files.
  ///
  /// - Returns: Whether that is so.
  mutating func extend(_ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let extensions, !parser.head.asksForServer else { return false }
    let sent = bytes.span.extracting(parser.head.path)
    let isReading = parser.head.method == .get || parser.head.method == .head
    if !extensions.judges(parser.head, sent), Routes.isPlain(sent),
      !extensions.routes.touch(sent, forReading: isReading)
    {
      return false
    }
    var decoded = RequestPath()
    do throws(Status) {
      try decoded.decode(sent)
    } catch {
      answer(connection, error, bytes)
      return true
    }
    let path = decoded.absolute
    let request = request(of: connection, path, bytes)
    guard let authenticator = extensions.authenticator else {
      return dispatch(connection, request, bytes)
    }
    guard let decision = authenticator.decide(request) else {
      deliberate(connection, authenticator, request, bytes)
      return true
    }
    return follow(decision, connection, request, bytes)
  }

  /// Has the pool decide, and leaves the connection alone until then.
  private mutating func deliberate(
    _ connection: Connection, _ authenticator: Authenticator, _ request: HTTPRequest,
    _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    let (token, mailbox) = (connection.token, mailbox)
    let isAccepted = pool.submit {
      guard mailbox.isOpen else { return }
      mailbox.post(.decision(token, request, authenticator.deliberate(request)))
    }
    if isAccepted {
      putAside(connection, bytes)
    } else {
      answer(connection, .serviceUnavailable, bytes, [(name: "Retry-After", value: [0x31])])
    }
  }

  /// Does with a request what was decided about it.
  ///
  /// - Returns: False where it is for the files.
  mutating func follow(
    _ decision: Authenticator.Decision, _ connection: Connection, _ request: HTTPRequest,
    _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    switch decision {
    case .allow(let user):
      return dispatch(connection, admit(request, user, on: connection), bytes)
    case .rewrite(let path, let user):
      rewrite(connection, admit(request, user, on: connection), to: path)
    case .challenge(let challenge):
      let field = HTTPField("WWW-Authenticate", challenge)
      guard field.isValid else {
        logger.error("the challenge \(challenge.debugDescription) cannot be sent")
        answer(connection, .internalError, bytes)
        return true
      }
      answer(connection, .unauthorized, bytes, [(name: "WWW-Authenticate", value: field.value)])
    case .forbid:
      answer(connection, .forbidden, bytes)
    case .wait(let seconds):
      let time = Array(String(max(1, seconds)).utf8)
      answer(connection, .tooManyRequests, bytes, [(name: "Retry-After", value: time)])
    }
    return true
  }

  /// The request that the parser holds, as extensions see it.
  private func request(
    of connection: Connection, _ path: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>
  ) -> HTTPRequest {
    HTTPRequest(
      parser.head, in: bytes, path: path, from: connection.peer, isSecure: connection.isSecure)
  }

  private func admit(
    _ request: HTTPRequest, _ user: String?, on connection: Connection
  ) -> HTTPRequest {
    var request = request
    request.user = user
    connection.user = user.map { Array($0.utf8) } ?? []
    return request
  }

  private mutating func rewrite(
    _ connection: Connection, _ original: HTTPRequest, to path: [UInt8]
  ) {
    original.head(withPath: path).withUnsafeBufferPointer { bytes in
      var decoded = RequestPath()
      guard parser.parse(bytes.span) == .complete,
        (try? decoded.decode(bytes.span.extracting(parser.head.path))) != nil
      else { return refuse(connection, .badRequest, bytes) }
      let path = decoded.absolute
      var request = request(of: connection, path, bytes)
      request.user = original.user
      if !dispatch(connection, request, bytes) { beginWithFiles(connection, bytes) }
    }
  }

  /// Hands the request to the responder or the upload route that it is for.
  private mutating func dispatch(
    _ connection: Connection, _ request: HTTPRequest, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard let routes = extensions?.routes else { return false }
    switch routes.target(for: request.method, request.path.span) {
    case nil:
      let methods = routes.methods(for: request.path.span)
      guard !methods.isEmpty else { return false }
      switch parser.head.method {
      case .get, .head: return false
      case .options: answer(connection, .noContent, bytes, [Self.allow(methods)])
      case .refused: answer(connection, .methodNotAllowed, bytes, [Self.allow(methods)])
      case .unknown: answer(connection, .notImplemented, bytes, [Self.allow(methods)])
      }
    case .upload(let route):
      beginUpload(connection, route, request, bytes)
    case .responder(let responder):
      begin(connection, responder, request, bytes)
    }
    return true
  }

  private static func allow(_ methods: Set<String>) -> (name: StaticString, value: [UInt8]) {
    let all = methods.union(["GET", "HEAD", "OPTIONS"]).sorted().joined(separator: ", ")
    return (name: "Allow", value: Array(all.utf8))
  }

  /// Answers with no more than a status, leaving a body unread.
  mutating func answer(
    _ connection: Connection, _ status: Status, _ bytes: UnsafeBufferPointer<UInt8>,
    _ fields: [(name: StaticString, value: [UInt8])] = []
  ) {
    leaveBodyUnread(connection)
    prepareContext()
    let reply = output.appendPlain(status, context, method: parser.head.method, fields: fields)
    conclude(connection, reply, bytes)
  }

  /// Makes the response the last one if a body is on its way: where it ends is not looked for.
  private mutating func leaveBodyUnread(_ connection: Connection) {
    guard parser.head.framing != .none, parser.head.framing != .length(0) else { return }
    parser.forbidPersistence()
    connection.lingers = true
  }

  // MARK: Responders

  private mutating func begin(
    _ connection: Connection, _ responder: Responder, _ request: HTTPRequest,
    _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    if parser.head.framing == .none || parser.head.framing == .length(0) {
      return respond(connection, with: responder, request, bytes)
    }
    if case .length(let length) = parser.head.framing, length > limits.requestBody {
      return answer(connection, .contentTooLarge, bytes)
    }
    if parser.head.hasUnknownExpectation { return answer(connection, .expectationFailed, bytes) }
    if parser.head.expectsContinue { output.append("HTTP/1.1 100 Continue\r\n\r\n") }
    connection.phase = .body(
      IncomingBody(
        head: Array(bytes[..<parser.head.length]),
        framing: RequestBody(parser.head.framing, limit: limits.requestBody),
        responder: responder, request: request))
  }

  mutating func respond(
    _ connection: Connection, with responder: Responder, _ request: HTTPRequest,
    _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    switch responder.place {
    case .loop:
      respond(connection, with: responder.respond(request), bytes)
    case .pool:
      let (token, mailbox) = (connection.token, mailbox)
      let isAccepted = pool.submit {
        guard mailbox.isOpen else { return }
        mailbox.post(.response(token, responder.respond(request)))
      }
      if isAccepted {
        putAside(connection, bytes)
      } else {
        answer(connection, .serviceUnavailable, bytes, [(name: "Retry-After", value: [0x31])])
      }
    }
  }

  /// Answers the request that the parser holds as an extension wants it.
  mutating func respond(
    _ connection: Connection, with response: HTTPResponse, _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    prepareContext()
    let reply: Reply
    do throws(HTTPResponse.Failure) {
      reply = try response.reply(to: parser.head.method, context, into: &output)
    } catch {
      logger.error("an extension's response cannot be sent: \(error.reason)")
      reply = output.appendPlain(.internalError, context, method: parser.head.method)
    }
    conclude(connection, reply, bytes)
  }

  // MARK: Sinks

  /// Has the embedder told which files were downloaded.
  mutating func tellOfDownloads() {
    guard downloads?.isEmpty == false, let work = downloads?.takeAll() else { return }
    if !pool.submit(isContinuation: true, work) { work() }
  }

  /// Has the embedder told which digest the client expects of the file that it gets.
  func passOnExpectation(_ reply: Reply, _ bytes: UnsafeBufferPointer<UInt8>) {
    guard let expectations, reply.status.code < 400, let field = parser.head.single(.expectedDigest)
    else { return }
    let (path, digest) = (Array(bytes[parser.head.path]), Array(bytes[field]))
    // What there is no time for is not worth keeping a request waiting.
    _ = pool.submit {
      var decoded = RequestPath()
      guard (try? decoded.decode(path.span)) != nil else { return }
      expectations.hear(decoded.absolute, digest)
    }
  }
}
