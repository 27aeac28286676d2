internal import Synchronization

/// Where threads of the pool leave for a loop what they have made for it.
///
/// It outlives the loop as long as anybody may still write; what nobody fetches is lost with it.
final class Mailbox: Sendable {
  enum Message: Sendable {
    case files(FileWork.Number, FileWork.Product)
    /// For the connection with this token.
    case response(UInt64, HTTPResponse)
    case upload(UInt64, UploadTask.Progress)
  }

  private let messages = Mutex<[Message]>([])
  private let closed = Atomic<Bool>(false)
  private let wakeup: Wakeup

  init(_ wakeup: Wakeup) {
    self.wakeup = wakeup
  }

  /// Whether anybody still waits for messages.
  var isOpen: Bool { !closed.load(ordering: .relaxed) }

  func close() {
    closed.store(true, ordering: .relaxed)
  }

  func post(_ message: Message) {
    let isFirst = messages.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    if isFirst { wakeup.wake() }
  }

  func takeAll() -> [Message] {
    messages.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }
}
