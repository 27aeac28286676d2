internal import CLinux
internal import ChannelSystem
internal import Glibc
internal import Logging
internal import SystemPackage

/// One thread's share of the server: its listeners, its connections and all that serves them.
///
/// Loops share nothing that a request needs, so no request waits for another core.
struct EventLoop: ~Copyable {
  /// What a loop is made of, before its thread exists.
  struct Parts: ~Copyable, Sendable {
    var epoll: Epoll
    let wakeup: Wakeup
    /// What gets the other loops out of their sleep.
    let others: [Wakeup]
    let control: ServerControl
    let mailbox: Mailbox
    let pool: WorkerPool
    let metrics: LoopMetrics?
    let service: Service
  }

  /// The limits' times in milliseconds.
  struct Times {
    let head, body, idle, write: Int64

    init(_ limits: ServerLimits) {
      head = limits.headTimeout.milliseconds
      body = limits.bodyTimeout.milliseconds
      idle = limits.idleTimeout.milliseconds
      write = limits.writeTimeout.milliseconds
    }
  }

  var epoll: Epoll
  var listeners: [Listener]
  private let wakeup: Wakeup
  private let others: [Wakeup]
  let control: ServerControl
  var limits: ServerLimits
  var times: Times
  var logger: Logger
  var files: StaticFiles
  let mailbox: Mailbox
  let pool: WorkerPool
  let metrics: LoopMetrics?
  var rules: AccessRules?
  var isGuarded: Bool
  var extensions: Extensions?
  var isExtended: Bool
  var expectations: ExpectationSink?
  var downloads: DownloadNotes?
  var expectedMisses: [[UInt8]]
  /// Connections whose answers await a piece of work.
  var waiters: [FileWork.Number: [Waiter]] = [:]
  var log: AccessLog?
  var logsRequests: Bool

  var parser: RequestParser
  var context: ResponseContext
  /// What this turn's request produces; empty between connections.
  var output = OutputBuffer()
  /// Where sockets are read into.
  let scratch = ReadBuffer(capacity: 65_536)
  var table = ConnectionTable()
  var timers: TimerWheel
  /// Milliseconds of a clock that never goes back.
  var milliseconds = clinux_coarse_milliseconds()
  /// When this turn began, in nanoseconds of the same clock; only for metrics.
  var turnStart: Int64 = 0
  /// When the request that is being answered was there: in this turn, unless it had to wait.
  var asked: Int64 = 0
  /// Connections just taken, empty between turns.
  private var newcomers: [Connection] = []
  /// Connections whose sockets have room again for what they are being sent, empty between turns.
  var unfinished: [Connection] = []
  /// Content that one connection may send before the others have their turn.
  var share = EventLoop.largeShare
  /// When somebody was last given a whole answer at once.
  var answered: Int64 = 0
  /// When what is noted of requests is handed over.
  private var notesDue = Int64.max
  /// When to see which open files are gone.
  private var checkDue = Int64.max
  private var drainDeadline = Int64.max
  /// When to see whether many connections have gone; only once there were many.
  var trimDue = Int64.max
  private var spare: Descriptor?
  /// When the last connection was turned away with a word about it.
  private var lastComplaint: HTTPDate?

  var isDraining: Bool { drainDeadline != .max }

  /// Connections beyond the limit while other loops are asked to make room.
  private static let tolerance = 64

  /// Connections that are taken before the first of them is served.
  private static let acceptedAtOnce = 32

  private static let wakeToken = UInt64.max
  private static let changesToken = UInt64.max - 1
  private static let listenerToken = UInt64.max - 4096

  init(_ parts: consuming Parts) {
    let now = HTTPDate(seconds: Int(clinux_coarse_seconds()))
    let service = parts.service
    parser = RequestParser(limits: RequestParser.Limits(service.limits))
    context = ResponseContext(now: now)
    timers = TimerWheel(now: milliseconds)
    log = service.log.map { AccessLog(writer: $0, format: service.logFormat, now: now) }
    logsRequests = service.log != nil
    wakeup = parts.wakeup
    others = parts.others
    control = parts.control
    limits = service.limits
    times = Times(service.limits)
    logger = service.logger
    listeners = service.listeners
    epoll = parts.epoll
    mailbox = parts.mailbox
    pool = parts.pool
    metrics = parts.metrics
    rules = service.rules
    isGuarded = service.rules != nil
    extensions = service.extensions
    isExtended = service.extensions != nil
    expectations = service.expectations
    downloads = service.downloads.map(DownloadNotes.init)
    expectedMisses = service.expectedMisses
    files = StaticFiles(
      service, work: FileWork(pool: parts.pool, mailbox: mailbox), metrics: parts.metrics)
    spare = Self.openSpare()
  }

  /// Has everything reported that is not a connection.
  private func watchSources() throws(Errno) {
    try epoll.add(wakeup.file, token: Self.wakeToken, .reading)
    try watchListeners()
    if let changes = files.changeSource {
      try epoll.add(changes, token: Self.changesToken, .reading)
    }
  }

  func watchListeners() throws(Errno) {
    for (index, listener) in listeners.enumerated() {
      try epoll.add(
        listener.socket, token: Self.listenerToken + UInt64(index),
        listener.isShared ? .turns : .reading)
    }
  }

  mutating func run() {
    BrokenPipes.ignore()
    do throws(Errno) {
      try watchSources()
      try serve()
    } catch {
      logger.critical("an event loop has ended: \(error)")
    }
    mailbox.close()
    for connection in table.all { close(connection) }
    log?.flush()
    // Here, since nobody can say whether the pool would take it still.
    if downloads?.isEmpty == false { downloads?.takeAll()() }
  }

  private mutating func serve() throws(Errno) {
    while !isFinished {
      let count = try epoll.wait(milliseconds: sleepTime())
      milliseconds = clinux_coarse_milliseconds()
      if metrics != nil {
        turnStart = clinux_nanoseconds()
        asked = turnStart
      }
      if context.advance(to: HTTPDate(seconds: Int(clinux_coarse_seconds()))) {
        files.checkUp()
      }
      noteChanges(among: count)
      for index in 0..<count { handle(epoll.event(at: index)) }
      resumeTransfers()
      expire()
      handOverNotes()
      if milliseconds >= checkDue {
        checkDue = .max
        files.letGoOfVanished()
      }
      if milliseconds >= trimDue { giveBackMemory() }
    }
  }

  private var isFinished: Bool {
    isDraining && (table.count == 0 || milliseconds >= drainDeadline)
  }

  private func sleepTime() -> Int {
    var wait = timers.wait(now: milliseconds)
    for due in [notesDue, drainDeadline, checkDue, trimDue] where due != .max {
      let time = Int(max(0, due - milliseconds))
      wait = wait < 0 ? time : min(wait, time)
    }
    return wait
  }

  /// Learns of changed files before any request of this turn is answered.
  private mutating func noteChanges(among count: Int) {
    for index in 0..<count where epoll.event(at: index).token == Self.changesToken {
      files.noteChanges()
      // Even if nobody ever asks again: an open file keeps its place on the disk.
      if checkDue == .max { checkDue = milliseconds + 1000 }
      return
    }
    // There may be more events than could be reported, and this among those that were not.
    if count == Epoll.capacity { files.noteChanges() }
  }

  private mutating func handle(_ event: Epoll.Event) {
    if let connection = table[event.token] {
      // A broken connection shows itself as such at the next call on it.
      switch connection.interest {
      case .writing: unfinished.append(connection)
      case .nothing: if event.isBroken { close(connection) }
      default: receive(connection, isEnd: event.isEnd)
      }
    } else if event.token == Self.wakeToken {
      wakeup.clear()
      if control.isStopping, !isDraining { drain() }
      makeRoomForOthers()
      fetchWork()
    } else if event.token >= Self.listenerToken {
      let index = Int(event.token - Self.listenerToken)
      if index < listeners.count { accept(from: listeners[index], atMost: 64) }
    }
  }

  // MARK: Connections come

  mutating func accept(from listener: Listener, atMost count: Int) {
    var left = count
    while left > 0 {
      // Near the limit each may have to make room for the next.
      let isNearLimit = control.connections + Self.acceptedAtOnce >= limits.connections
      let batch = isNearLimit ? 1 : min(left, Self.acceptedAtOnce)
      guard accept(from: listener, batch: batch) else { return }
      left -= batch
    }
  }

  /// Whether anybody asks who the peers are.
  var namesPeers: Bool { logsRequests || isExtended || isGuarded }

  /// Takes connections, and then turns to each of them.
  ///
  /// - Returns: Whether there may be more.
  private mutating func accept(from listener: Listener, batch: Int) -> Bool {
    var isMore = true
    for _ in 0..<batch where isMore {
      do throws(Errno) {
        if let accepted = try listener.accept(withPeer: namesPeers) {
          open(accepted)
        } else {
          isMore = false
        }
      } catch {
        switch error {
        case .connectionAbort, .protocolError: continue
        default:
          turnAway(listener, because: error)
          isMore = false
        }
      }
    }
    guard !newcomers.isEmpty else { return isMore }
    // They came after this turn had begun, and so may have changes that they are entitled to see.
    files.noteChanges()
    for connection in newcomers where !connection.isClosed {
      // The listener waits for the first bytes, so they are there. A connection whose only request
      // is answered at once never costs epoll a call.
      receive(connection)
      if !connection.isClosed, connection.interest == nil { settle(connection) }
    }
    newcomers.removeAll(keepingCapacity: true)
    if trimDue == .max, table.count >= Self.crowd { trimDue = milliseconds + Self.crowdCheck }
    return isMore
  }

  private mutating func open(_ accepted: consuming Listener.Accepted) {
    if control.connections >= limits.connections {
      if let oldest = table.longestIdle {
        close(oldest)
      } else if others.isEmpty || control.connections >= limits.connections + Self.tolerance {
        return refuse(accepted)
      } else {
        control.askForRoom()
        for other in others { other.wake() }
      }
    }
    let token = table.makeToken()
    let peer = accepted.peer
    let connection = Connection(accepted.takeSocket(), token: token, peer: peer)
    if isGuarded { identify(connection) }
    table.insert(connection)
    control.connectionOpened()
    metrics?.add(to: .accepted)
    newcomers.append(connection)
  }

  /// Closes what has been idle longest where another loop has nothing idle.
  private mutating func makeRoomForOthers() {
    while let oldest = table.longestIdle, control.takeRequestForRoom(limit: limits.connections) {
      close(oldest)
    }
  }

  /// Tells a client that there is no room for it; what it asks for is of no interest.
  private mutating func refuse(_ accepted: consuming Listener.Accepted) {
    metrics?.add(to: .refused)
    context.isPersistent = false
    _ = output.appendPlain(
      .serviceUnavailable, context, fields: [(name: "Retry-After", value: [ASCII.zero + 1])])
    let socket = accepted.takeSocket()
    // Unread input at the time of closing would take the response with it.
    _ = recv(socket.raw.rawValue, scratch.bytes.baseAddress, scratch.bytes.count, 0)
    output.withBytes {
      _ = Glibc.send(socket.raw.rawValue, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
    }
    output.removeAll()
  }

  /// Without a free descriptor a waiting connection can be neither taken nor refused, and would be
  /// reported for ever; the spare one lets it be taken and dropped.
  private mutating func turnAway(_ listener: Listener, because error: Errno) {
    if let idle = table.longestIdle {
      close(idle)
      return
    }
    if lastComplaint != context.now {
      lastComplaint = context.now
      logger.error("connections are turned away: \(error)")
    }
    metrics?.add(to: .refused)
    spare = nil
    _ = try? listener.accept(withPeer: false)
    spare = Self.openSpare()
  }

  private static func openSpare() -> Descriptor? {
    try? Descriptor(opening: "/dev/null")
  }

  private mutating func handOverNotes() {
    guard log?.isFlushed == false || downloads?.isEmpty == false else {
      notesDue = .max
      return
    }
    if notesDue == .max {
      notesDue = milliseconds + 200
    } else if milliseconds >= notesDue {
      log?.flush()
      tellOfDownloads()
      notesDue = .max
    }
  }

  // MARK: The end

  private mutating func drain() {
    drainDeadline = milliseconds + control.drainMilliseconds
    // What the kernel has accepted already would be reset with the listener.
    for listener in listeners { accept(from: listener, atMost: 4096) }
    listeners = []
    for connection in table.all where connection.isIdle {
      // A request may have arrived that no event has told of yet.
      receive(connection)
      if !connection.isClosed, connection.isIdle { close(connection) }
    }
  }
}
