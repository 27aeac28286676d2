// Bodies that are handed on while they arrive.
extension EventLoop {
  mutating func beginUpload(
    _ connection: Connection, _ route: UploadRoute, _ request: HTTPRequest,
    _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    if case .length(let length) = parser.head.framing, length > route.limit {
      return answer(connection, .contentTooLarge, bytes)
    }
    if parser.head.hasUnknownExpectation { return answer(connection, .expectationFailed, bytes) }
    let upload = Upload(
      head: Array(bytes[..<parser.head.length]), isPersistent: parser.head.isPersistent,
      framing: RequestBody(parser.head.framing, limit: route.limit),
      expectsContinue: parser.head.expectsContinue)
    // A body of no bytes is complete before it is begun.
    if case .finished = upload.framing.consume(bytes.span.extracting(0..<0)) {
      upload.isComplete = true
    }
    let (token, mailbox, task) = (connection.token, mailbox, upload.task)
    let isAccepted = pool.submit {
      guard mailbox.isOpen else { return }
      mailbox.post(.upload(token, task.decide(route.decide(request))))
    }
    if isAccepted {
      connection.phase = .upload(upload)
    } else {
      answer(connection, .serviceUnavailable, bytes, [(name: "Retry-After", value: [0x31])])
    }
  }

  /// Takes more of a body.
  ///
  /// - Returns: How many of `bytes` belong to it.
  mutating func receive(
    _ bytes: UnsafeBufferPointer<UInt8>, of upload: Upload, on connection: Connection
  ) -> Int {
    switch upload.framing.consume(bytes.span, into: upload.take) {
    case .unfinished:
      feed(upload, on: connection)
      return bytes.count
    case .finished(let count):
      upload.isComplete = true
      upload.asked = asked
      feed(upload, on: connection)
      return count
    case .failed(let status):
      refuse(upload, status, on: connection)
      return bytes.count
    }
  }

  /// Hands over what has arrived unless the receiver is busy.
  private mutating func feed(_ upload: Upload, on connection: Connection) {
    guard !upload.isBusy else { return }
    let (token, mailbox, task) = (connection.token, mailbox, upload.task)
    let work: WorkerPool.Work
    if !upload.content.isEmpty {
      let piece = upload.content
      upload.content = []
      work = { if let progress = task.receive(piece) { mailbox.post(.upload(token, progress)) } }
    } else if upload.isComplete {
      work = { task.finish { mailbox.post(.upload(token, $0)) } }
    } else {
      return
    }
    upload.isBusy = true
    if !pool.submit(isContinuation: true, work) {
      refuse(upload, .serviceUnavailable, on: connection)
    }
  }

  /// Ends an upload that is not received to its end, and the connection with it.
  mutating func refuse(_ upload: Upload, _ status: Status, on connection: Connection) {
    upload.task.abandon(on: pool)
    connection.phase = .head
    refuse(connection, status, after: upload.head)
  }

  /// Goes on with an upload whose receiver has done something.
  mutating func goOn(_ connection: Connection, with progress: UploadTask.Progress) {
    guard case .upload(let upload) = connection.phase else { return }
    upload.isBusy = false
    switch progress {
    case .accepted:
      upload.isAccepted = true
      // A client that has not waited knows by that that it may go on.
      if upload.expectsContinue, connection.input.isEmpty, !upload.isComplete {
        output.append("HTTP/1.1 100 Continue\r\n\r\n")
        flush(connection)
      }
      feed(upload, on: connection)
    case .taken:
      feed(upload, on: connection)
    case .answered(let response, let isComplete):
      connection.phase = .head
      upload.head.withUnsafeBufferPointer { bytes in
        // It was complete before.
        guard parser.parse(bytes.span) == .complete else { return close(connection) }
        if !isComplete, !upload.isComplete {
          parser.forbidPersistence()
          connection.lingers = true
        } else if !upload.isPersistent {
          parser.forbidPersistence()
        }
        connection.wait = .nothing
        asked = isComplete ? upload.asked : turnStart
        respond(connection, with: response, bytes)
        asked = turnStart
      }
    }
    finishTurn(connection)
  }
}
