internal import ChannelSystem
internal import SystemPackage

/// One client's connection: what is known between two turns of the loop.
///
/// While it waits for a request it holds no buffer at all; bytes are read into the loop's own, and
/// only what cannot be dealt with at once is kept here.
final class Connection {
  enum Phase {
    /// Waiting for a request head or in the middle of one.
    case head
    /// The body of a request is arriving.
    case body(IncomingBody)
    /// The body of a request is arriving and being handed on.
    case upload(Upload)
    /// The request is answered once work elsewhere is done; what follows it is left unread.
    case waiting(Waiting)
    /// The last response is sent; what the client still sends is read and thrown away, so that it
    /// gets to read the response.
    case lingering
  }

  /// A request whose answer is being worked on.
  struct Waiting {
    let head: [UInt8]
    /// Whether the connection may be used again after the answer.
    let isPersistent: Bool
    /// When the request was there, see ``EventLoop/asked``.
    let asked: Int64
  }

  /// A peer that asks for others.
  struct Proxy {
    let address: IPAddress?
    let text: [UInt8]
  }

  /// What the connection waits for, which decides what its deadline means.
  enum Wait {
    case nothing, request, head, body, upload, write, work, end
  }

  private var descriptor: Descriptor?
  let socket: FileDescriptor
  let token: UInt64
  /// The client's address as text; empty when nobody asks for it.
  ///
  /// Behind a trusted proxy it is that of whoever sent the last request.
  var peer: [UInt8]
  /// The same as a number; nil when there is none, or when nobody asks for it.
  var client: IPAddress?
  /// Whether a trusted proxy says that the client spoke HTTPS with it.
  var isSecure = false
  /// The proxy that has opened the connection; nil unless it is one to be believed.
  var proxy: Proxy?
  /// Whom the last request was allowed to; empty for nobody in particular.
  var user: [UInt8] = []

  var phase = Phase.head
  /// Bytes received and not dealt with.
  var input: [UInt8] = []
  /// How many of `input` are known to hold no complete head.
  var scanned = 0
  /// Bytes that the socket would not take.
  var output: [UInt8] = []
  var outputSent = 0
  var transfer: Transfer?
  /// The log line of the transfer, and what of its content is sent.
  var line: AccessLog.Line?
  var contentSent = 0

  /// Whether the response being sent is the last one.
  var isLastResponse = false
  /// Whether the client may still be sending when the last response is out.
  var lingers = false
  var isClosed = false
  /// Whether there may be something to read that epoll has told of and will not tell of again.
  var hasUnread = false
  /// What epoll reports of the socket; nil while it knows nothing of it.
  var interest: Epoll.Interest?

  var wait = Wait.nothing
  /// The time in milliseconds at which the connection has been silent for too long.
  var deadline: Int64 = .max
  /// The tick in which the timer will look at it; `.min` once it never will again.
  var tick: Int64 = .max
  /// Bytes handed to the kernel, and those of them acknowledged when the client was last judged.
  var sent = 0
  var acknowledged = 0
  var pace = Pace()

  /// Neighbours among the idle connections, by slot.
  var previousIdle: Int32 = -1
  var nextIdle: Int32 = -1
  var isIdle = false

  init(_ descriptor: consuming Descriptor, token: UInt64, peer: [UInt8]) {
    socket = descriptor.raw
    self.descriptor = consume descriptor
    self.token = token
    self.peer = peer
  }

  func closeSocket() {
    descriptor = nil
  }

  var slot: Int { Int(token & 0xFFFF_FFFF) }

  /// Whether nothing more is to be read for the time being.
  var isWaiting: Bool {
    switch phase {
    case .waiting: true
    case .upload(let upload): !upload.isHungry
    default: false
    }
  }

  /// Whether anything is left to be sent.
  var hasOutput: Bool { !output.isEmpty || transfer != nil }
}
