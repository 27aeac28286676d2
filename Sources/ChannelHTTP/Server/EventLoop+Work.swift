// What other threads make for this one.
extension EventLoop {
  /// A connection that awaits a piece of work.
  struct Waiter {
    let token: UInt64
    /// Whether it is answered with what the work makes; otherwise it is asked again.
    let isForProduct: Bool
  }

  /// Leaves a connection alone until the work is done that its answer depends on.
  mutating func park(
    _ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>, for wait: FileWork.Wait
  ) {
    let waiter = Waiter(token: connection.token, isForProduct: wait.isForProduct)
    waiters[wait.number, default: []].append(waiter)
    putAside(connection, bytes)
  }

  /// Keeps the request whose head lies in `bytes` for when its answer is made.
  func putAside(_ connection: Connection, _ bytes: UnsafeBufferPointer<UInt8>) {
    connection.phase = .waiting(
      .init(
        head: Array(bytes[..<parser.head.length]), isPersistent: parser.head.isPersistent,
        asked: asked))
  }

  /// Answers those for whom something is done.
  mutating func fetchWork() {
    for message in mailbox.takeAll() {
      switch message {
      case .files(let number, let product):
        let made = files.finish(number, product)
        for waiter in waiters.removeValue(forKey: number) ?? [] {
          // It may be gone by now.
          guard let connection = table[waiter.token] else { continue }
          takeUp(connection) { (loop, bytes) in
            loop.respond(connection, bytes, with: waiter.isForProduct ? made : nil)
          }
        }
      case .response(let token, let response):
        guard let connection = table[token] else { continue }
        takeUp(connection) { (loop, bytes) in loop.respond(connection, with: response, bytes) }
      case .service(let service, let taken):
        takeUp(service)
        taken.down()
      case .decision(let token, let request, let decision):
        guard let connection = table[token] else { continue }
        // Files may have changed while it was thought about.
        files.noteChanges()
        takeUp(connection) { (loop, bytes) in
          if !loop.follow(decision, connection, request, bytes) {
            loop.beginWithFiles(connection, bytes)
          }
        }
      case .upload(let token, let progress):
        guard let connection = table[token] else { continue }
        goOn(connection, with: progress)
      }
    }
  }

  /// Goes on with a request that was put aside.
  private mutating func takeUp(
    _ connection: Connection,
    _ respond: (inout EventLoop, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard case .waiting(let waiting) = connection.phase else { return }
    connection.phase = .head
    waiting.head.withUnsafeBufferPointer { bytes in
      // It was complete before.
      guard parser.parse(bytes.span) == .complete else { return close(connection) }
      if !waiting.isPersistent { parser.forbidPersistence() }
      connection.wait = .nothing
      asked = waiting.asked
      respond(&self, bytes)
      asked = turnStart
    }
    finishTurn(connection)
  }

  /// Sends what there is to a connection that no event has told of.
  mutating func flush(_ connection: Connection) {
    if !connection.output.isEmpty {
      // Earlier answers go first.
      let earlier = connection.output
      connection.output = output.withBytes { earlier + $0 }
      output.removeAll()
    }
    send(connection)
  }

  /// Sends what there is, and goes on with what the client has sent meanwhile.
  mutating func finishTurn(_ connection: Connection) {
    guard !connection.isClosed else { return output.removeAll() }
    flush(connection)
    guard !connection.isClosed else { return }
    if connection.isLastResponse, !connection.input.isEmpty {
      connection.lingers = true
      connection.input = []
    }
    goOn(connection)
  }
}
