internal import CLinux
internal import ChannelSystem
internal import Glibc
internal import Logging
internal import SystemPackage

// From responses written to bytes sent, and what becomes of the connection then.
extension EventLoop {
  /// What a connection may send in one turn when there are none but downloads.
  ///
  /// Each turn ends in a packet of its own. With a quarter of this they were so short that a large
  /// file cost half as much again.
  static let largeShare = 1_048_576
  /// What it may send while there are clients with short questions, who wait that long.
  private static let smallShare = 131_072
  /// For how many milliseconds after a short question another one is expected.
  private static let memory: Int64 = 100
  /// Milliseconds that a client is given to read the last response before its connection goes.
  private static let lingerTime: Int64 = 5000

  /// Goes on with long answers, after everyone with a question has had theirs.
  mutating func resumeTransfers() {
    guard !unfinished.isEmpty else { return }
    share = milliseconds - answered < Self.memory ? Self.smallShare : Self.largeShare
    for connection in unfinished where !connection.isClosed { resume(connection) }
    unfinished.removeAll(keepingCapacity: true)
  }

  /// Sends as much as the socket takes and fairness allows.
  mutating func send(_ connection: Connection) {
    if !output.isEmpty {
      let more = more(after: connection)
      let taken = output.withBytes { push($0, to: connection, more) }
      guard let taken else {
        output.removeAll()
        return close(connection)
      }
      if taken < output.count {
        connection.output = output.withBytes { Array($0[taken...]) }
        connection.outputSent = 0
      }
      output.removeAll()
    } else if !connection.output.isEmpty {
      let more = more(after: connection)
      let (kept, sent) = (connection.output, connection.outputSent)
      let taken = kept.withUnsafeBytes {
        push(UnsafeRawBufferPointer(rebasing: $0[sent...]), to: connection, more)
      }
      guard let taken else { return close(connection) }
      connection.outputSent += taken
      if connection.outputSent == connection.output.count { connection.output = [] }
    }
    if connection.output.isEmpty, connection.transfer != nil { sendTransfer(connection) }
  }

  /// Whether the kernel may wait with the last bytes for what comes next.
  ///
  /// After the last response that is the end of the connection, at once, in the same packet.
  private func more(after connection: Connection) -> CInt {
    connection.transfer != nil || connection.isLastResponse ? CInt(MSG_MORE) : 0
  }

  /// Hands bytes to the kernel.
  ///
  /// - Returns: How many it took; nil when the connection is broken.
  private func push(
    _ bytes: UnsafeRawBufferPointer, to connection: Connection, _ flags: CInt
  ) -> Int? {
    let flags = flags | CInt(MSG_NOSIGNAL)
    let count = Glibc.send(connection.socket.rawValue, bytes.baseAddress, bytes.count, flags)
    guard count >= 0 else { return errno == EAGAIN || errno == EINTR ? 0 : nil }
    connection.sent += count
    metrics?.add(count, to: .bytes)
    return count
  }

  private mutating func sendTransfer(_ connection: Connection) {
    if connection.pace.note(sent: connection.sent, now: milliseconds) {
      _ = clinux_limit_unsent(connection.socket.rawValue, Pace.provenLimit)
    }
    // Taken out meanwhile: what is changed where it is would be guarded, wherever it is looked at,
    // against being changed twice at once.
    guard var transfer = connection.transfer else { return }
    connection.transfer = nil
    var budget = share
    while budget > 0, let next = transfer.next {
      let (wanted, taken): (Int, Int?)
      switch next {
      case .memory(let bytes, let start, let end, let isLast):
        wanted = min(end - start, budget)
        let more = isLast && start + wanted == end ? 0 : CInt(MSG_MORE)
        taken = bytes.withUnsafeBytes {
          push(
            UnsafeRawBufferPointer(rebasing: $0[start..<start + wanted]), to: connection, more)
        }
      case .file(let file, let offset, let count):
        wanted = min(count, budget)
        taken = push(file, offset, wanted, to: connection)
      }
      guard let taken else { return close(connection) }
      transfer.advance(by: taken)
      connection.contentSent += taken
      budget -= taken
      if taken < wanted { break }
    }
    if transfer.isFinished {
      finishLine(connection)
    } else {
      connection.transfer = transfer
    }
  }

  /// Has the kernel send a part of a file.
  ///
  /// A file that has become shorter ends the connection: the client was promised more, and only a
  /// cut tells it that the rest is missing.
  private func push(
    _ file: FileDescriptor, _ offset: Int, _ count: Int, to connection: Connection
  ) -> Int? {
    var position = off_t(offset)
    let sent = sendfile(connection.socket.rawValue, file.rawValue, &position, count)
    guard sent >= 0 else { return errno == EAGAIN || errno == EINTR ? 0 : nil }
    guard sent > 0 else { return nil }
    connection.sent += sent
    metrics?.add(sent, to: .bytes)
    return sent
  }

  private mutating func finishLine(_ connection: Connection) {
    guard let line = connection.line else { return }
    log?.finish(line, sent: connection.contentSent)
    connection.line = nil
  }

  /// Decides what the connection waits for next, and how long.
  mutating func settle(_ connection: Connection) {
    guard !connection.isClosed else { return }
    if connection.hasOutput {
      guard watch(connection, .writing) else { return }
      table.leaveIdle(connection)
      wait(connection, .write, times.write)
      return
    }
    if connection.isLastResponse, connection.wait != .end {
      guard connection.lingers else { return close(connection) }
      shutdown(connection.socket.rawValue, CInt(SHUT_WR))
      connection.phase = .lingering
      connection.input = []
      wait(connection, .end, Self.lingerTime)
    }
    // While nothing more is wanted of it, the client is left to wait with what it has to say.
    guard watch(connection, connection.isWaiting ? .nothing : .arriving) else { return }
    switch connection.phase {
    case .lingering:
      table.leaveIdle(connection)
    case .body:
      table.leaveIdle(connection)
      wait(connection, .body, times.body)
    case .upload(let upload) where upload.isHungry:
      table.leaveIdle(connection)
      if connection.wait != .upload { upload.judged = upload.received }
      wait(connection, .upload, times.body)
    case .waiting, .upload:
      table.leaveIdle(connection)
      connection.wait = .work
      setDeadline(connection, .max)
    case .head where connection.input.isEmpty && isDraining && connection.sent > 0:
      close(connection)
    case .head where connection.input.isEmpty:
      table.becomeIdle(connection)
      // A client that has never asked anything is given no longer than one in mid-sentence.
      wait(connection, .request, connection.sent > 0 ? times.idle : times.head)
    case .head:
      table.leaveIdle(connection)
      wait(connection, .head, times.head)
    }
  }

  /// Starts a deadline, unless the connection already waits for the very same thing.
  mutating func wait(_ connection: Connection, _ wait: Connection.Wait, _ time: Int64) {
    guard connection.wait != wait else { return }
    connection.wait = wait
    if wait == .write { connection.acknowledged = acknowledged(connection) }
    setDeadline(connection, milliseconds + time)
  }

  /// Has the kernel tell of the connection what is of interest.
  ///
  /// - Returns: Whether it will; the connection is closed otherwise.
  private mutating func watch(_ connection: Connection, _ interest: Epoll.Interest) -> Bool {
    let isAskedAnew = connection.hasUnread && interest == .arriving
    guard connection.interest != interest || isAskedAnew else { return true }
    do throws(Errno) {
      if connection.interest == nil {
        try epoll.add(connection.socket, token: connection.token, interest)
      } else {
        try epoll.change(connection.socket, token: connection.token, interest)
      }
      connection.interest = interest
      connection.hasUnread = false
      return true
    } catch {
      logger.error("epoll_ctl: \(error)")
      close(connection)
      return false
    }
  }

  /// How much of what was ever sent the client has acknowledged.
  func acknowledged(_ connection: Connection) -> Int {
    connection.sent - max(0, Int(clinux_unacknowledged(connection.socket.rawValue)))
  }

  mutating func close(_ connection: Connection) {
    guard !connection.isClosed else { return }
    connection.isClosed = true
    finishLine(connection)
    connection.transfer = nil
    if case .upload(let upload) = connection.phase { upload.task.abandon(on: pool) }
    forgetDeadline(connection)
    table.remove(connection)
    control.connectionClosed()
    metrics?.add(to: .closed)
    connection.closeSocket()
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
