internal import CLinux
internal import ChannelSystem
internal import SystemPackage

/// An epoll instance and the events that it last reported.
///
/// Level-triggered but for what arrives on connections: what is not dealt with in one turn is reported
/// again in the next, which is what makes taking turns fair.
struct Epoll: ~Copyable, Sendable {
  struct Interest: OptionSet {
    let rawValue: UInt32

    /// Nothing but that the connection is gone, which is reported whether one wants it or not.
    static let nothing: Interest = []
    static let reading = Interest(rawValue: EPOLLIN.rawValue)
    /// Bytes, and the end of them, once when they arrive; whoever leaves some unread must ask anew.
    ///
    /// In the order in which they arrive: who is reported again and again keeps an old place, ahead of
    /// others who have waited longer, and is looked at in vain each time.
    static let arriving = Interest(
      rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
    static let writing = Interest(rawValue: EPOLLOUT.rawValue)
    /// Reading what several instances wait for, of which the kernel need not wake all.
    static let turns = Interest(rawValue: EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue)
  }

  struct Event {
    var token: UInt64
    private var events: UInt32

    fileprivate init(_ event: epoll_event) {
      token = event.data.u64
      events = event.events
    }

    /// Whether the peer will send no more, beyond what may have to be read yet.
    var isEnd: Bool { events & EPOLLRDHUP.rawValue != 0 }

    /// Whether the connection is gone in both directions.
    var isBroken: Bool { events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 }
  }

  /// The most events that are reported at once.
  static let capacity = 512

  private let descriptor: Descriptor
  private var events: [epoll_event]

  init() throws(Errno) {
    let raw = try systemCall { epoll_create1(CInt(EPOLL_CLOEXEC)) }
    events = [epoll_event](repeating: epoll_event(), count: Self.capacity)
    descriptor = Descriptor(owning: raw)
  }

  /// Reports events of `socket` under `token` from now on; closing the socket ends that.
  borrowing func add(_ socket: FileDescriptor, token: UInt64, _ interest: Interest) throws(Errno) {
    try control(EPOLL_CTL_ADD, socket, token, interest)
  }

  /// Reports nothing of `socket` any more, which is not closed.
  borrowing func remove(_ socket: FileDescriptor) throws(Errno) {
    try control(EPOLL_CTL_DEL, socket, 0, .nothing)
  }

  borrowing func change(
    _ socket: FileDescriptor, token: UInt64, _ interest: Interest
  ) throws(Errno) {
    try control(EPOLL_CTL_MOD, socket, token, interest)
  }

  private borrowing func control(
    _ operation: CInt, _ socket: FileDescriptor, _ token: UInt64, _ interest: Interest
  ) throws(Errno) {
    var event = epoll_event(events: interest.rawValue, data: epoll_data(u64: token))
    _ = try systemCall {
      epoll_ctl(descriptor.raw.rawValue, operation, socket.rawValue, &event)
    }
  }

  /// Waits for events, for -1 milliseconds as long as it takes, and answers how many there are.
  mutating func wait(milliseconds: Int) throws(Errno) -> Int {
    let epoll = descriptor.raw.rawValue
    return Int(
      try systemCall {
        epoll_wait(epoll, &events, CInt(events.count), CInt(clamping: milliseconds))
      })
  }

  func event(at index: Int) -> Event { Event(events[index]) }
}
