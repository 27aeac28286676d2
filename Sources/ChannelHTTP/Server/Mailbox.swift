internal import Synchronization

/// Where others leave for a loop what they have made for it.
///
/// It outlives the loop as long as anybody may still write; what nobody fetches is lost with it.
final class Mailbox: Sendable {
  enum Message: Sendable {
    case files(FileWork.Number, FileWork.Product)
    /// For the connection with this token.
    case response(UInt64, HTTPResponse)
    /// What is to become of a request.
    case decision(UInt64, HTTPRequest, Authenticator.Decision)
    case upload(UInt64, UploadTask.Progress)
    /// What to do from now on, and whom to tell that it is done.
    case service(Service, Countdown)
  }

  private let messages = Mutex<[Message]>([])
  private let closed = Atomic<Bool>(false)
  private let wakeup: Wakeup

  init(_ wakeup: Wakeup) {
    self.wakeup = wakeup
  }

  /// Whether anybody still waits for messages.
  var isOpen: Bool { !closed.load(ordering: .relaxed) }

  /// Takes no more messages, and lets nobody wait for an answer to the last ones.
  func close() {
    let last = messages.withLock { messages in
      closed.store(true, ordering: .relaxed)
      defer { messages = [] }
      return messages
    }
    for case .service(_, let taken) in last { taken.down() }
  }

  /// - Returns: Whether anybody will fetch the message.
  @discardableResult
  func post(_ message: Message) -> Bool {
    let count = messages.withLock { messages in
      guard isOpen else { return 0 }
      messages.append(message)
      return messages.count
    }
    if count == 1 { wakeup.wake() }
    return count > 0
  }

  func takeAll() -> [Message] {
    messages.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }
}
