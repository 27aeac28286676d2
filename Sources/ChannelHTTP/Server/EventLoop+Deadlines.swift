internal import Glibc
internal import SystemPackage

// How long connections are waited for, and what becomes of those whose time is up.
extension EventLoop {
  /// Looks at those whose time may be up.
  mutating func expire() {
    timers.advance(to: milliseconds)
    while let slot = timers.takeDue() {
      guard let connection = table.connection(in: slot) else { continue }
      connection.tick = .max
      if connection.deadline <= milliseconds {
        expire(connection)
      } else {
        setDeadline(connection, connection.deadline)
      }
    }
  }

  mutating func setDeadline(_ connection: Connection, _ deadline: Int64) {
    connection.deadline = deadline
    guard deadline != .max else { return }
    // An entry that comes too early finds the deadline moved and is entered anew.
    guard deadline / TimerWheel.tick + 1 < connection.tick else { return }
    connection.tick = timers.schedule(connection.slot, deadline: deadline)
  }

  /// Takes the connection's entry out of the timers, for good.
  mutating func forgetDeadline(_ connection: Connection) {
    timers.cancel(connection.slot)
    connection.tick = .min
  }

  /// Deals with a connection whose time is up.
  mutating func expire(_ connection: Connection) {
    switch connection.wait {
    case .nothing, .request, .end:
      close(connection)
    case .work:
      break
    case .upload:
      guard case .upload(let upload) = connection.phase else { return }
      if upload.received - upload.judged >= limits.minimumRate * Int(times.body) / 1000 {
        connection.wait = .nothing
      } else {
        refuse(upload, .requestTimeout, on: connection)
        send(connection)
      }
      settle(connection)
    case .head, .body:
      if case .body(let body) = connection.phase {
        refuse(connection, .requestTimeout, after: body.head)
      } else {
        forgetClient(of: connection)
        refuse(connection, .requestTimeout, after: [])
      }
      connection.input = []
      send(connection)
      settle(connection)
    case .write:
      // A large socket buffer may take minutes to have room again; what counts is whether the
      // client takes anything out of it.
      let progress = acknowledged(connection) - connection.acknowledged
      let seconds = Int(times.write) / 1000
      guard progress > 0, progress >= limits.minimumRate * seconds else {
        reset(connection)
        return
      }
      connection.wait = .nothing
      wait(connection, .write, times.write)
    }
  }

  /// Closes a connection without caring for what its client has not read.
  private mutating func reset(_ connection: Connection) {
    var option = linger(l_onoff: 1, l_linger: 0)
    let length = socklen_t(MemoryLayout<linger>.size)
    setsockopt(connection.socket.rawValue, SOL_SOCKET, SO_LINGER, &option, length)
    close(connection)
  }
}
