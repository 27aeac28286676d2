internal import Synchronization

/// An upload on its way from a connection to its receiver, as the loop sees it.
final class Upload {
  /// Bytes that may wait for the receiver before the client is left unread.
  private static let capacity = 262_144

  let head: [UInt8]
  /// Whether the connection may be used again after the response.
  let isPersistent: Bool
  let task = UploadTask()
  var framing: RequestBody
  /// Content that has yet to be handed over.
  var content: [UInt8] = []
  var received = 0
  /// How much was received when the client was last judged.
  var judged = 0
  /// Whether the client waits to be told that it may send.
  var expectsContinue: Bool

  var isAccepted = false
  /// Whether the receiver has something to do.
  var isBusy = true
  /// When the last of the body was there, see ``EventLoop/asked``.
  var asked: Int64 = 0
  /// Whether the whole body is read.
  var isComplete = false

  init(
    head: [UInt8], isPersistent: Bool, framing: RequestBody, expectsContinue: Bool
  ) {
    self.head = head
    self.isPersistent = isPersistent
    self.framing = framing
    self.expectsContinue = expectsContinue
  }

  /// Whether more of the body should be read now.
  var isHungry: Bool { isAccepted && !isComplete && content.count < Self.capacity }

  func take(_ bytes: Span<UInt8>) {
    received += bytes.count
    bytes.withUnsafeBytes { content += $0 }
  }
}

/// The receiver of an upload, lent to one thread after the other.
final class UploadTask: Sendable {
  private struct State {
    /// Nil before it is known, while a thread has it, and when it is done with.
    var receiver: (any UploadReceiver)?
    var isAbandoned = false
    var isAnswered = false
  }

  /// What a step has come to.
  enum Progress: Sendable {
    case accepted
    case taken
    /// The response, and whether it answers a body that was read to its end.
    case answered(HTTPResponse, isComplete: Bool)
  }

  private let state = Mutex(State())

  /// Learns who receives it.
  func decide(_ decision: UploadRoute.Decision) -> Progress {
    switch decision {
    case .refuse(let response):
      return .answered(response, isComplete: false)
    case .receive(let receiver):
      giveBack(receiver)
      return .accepted
    }
  }

  func receive(_ piece: [UInt8]) -> Progress? {
    guard var receiver = borrow() else { return nil }
    if let response = receiver.receive(piece) { return .answered(response, isComplete: false) }
    giveBack(receiver)
    return .taken
  }

  /// Has the receiver make the response, and passes the first one on.
  func finish(_ report: @escaping @Sendable (Progress) -> Void) {
    guard var receiver = borrow() else { return }
    receiver.finish { [self] response in
      let isFirst = state.withLock { state in
        defer { state.isAnswered = true }
        return !state.isAnswered
      }
      if isFirst { report(.answered(response, isComplete: true)) }
    }
  }

  private func borrow() -> (any UploadReceiver)? {
    state.withLock { $0.receiver.take() }
  }

  private func giveBack(_ receiver: any UploadReceiver) {
    let isAbandoned = state.withLock { state in
      if !state.isAbandoned { state.receiver = receiver }
      return state.isAbandoned
    }
    guard isAbandoned else { return }
    var receiver = receiver
    receiver.abandon()
  }

  /// Has the receiver told that nothing more comes, now or by the thread that has it.
  func abandon(on pool: WorkerPool) {
    let receiver = state.withLock { state in
      state.isAbandoned = true
      return state.receiver.take()
    }
    guard let receiver else { return }
    let tell: WorkerPool.Work = {
      var receiver = receiver
      receiver.abandon()
    }
    if !pool.submit(isContinuation: true, tell) { tell() }
  }
}
