internal import Synchronization
internal import SystemPackage

/// An access log and the thread that writes it.
final class RunningLog: Sendable {
  let writer: LogWriter
  private let destination: AccessLogDestination
  private let thread: RunningThread
  private let over: Flag

  private final class Flag: Sendable {
    let isSet = Atomic(false)
  }

  /// Begins a log; nil for one that goes nowhere.
  init?(_ destination: AccessLogDestination) throws(ServerError) {
    guard let writer = try destination.makeWriter() else { return nil }
    let over = Flag()
    do throws(Errno) {
      thread = try RunningThread(named: "http-log") {
        writer.run()
        over.isSet.store(true, ordering: .releasing)
      }
    } catch {
      throw ServerError(.system, "worker threads", "\(error)")
    }
    self.writer = writer
    self.destination = destination
    self.over = over
  }

  /// Whether everything is written, so that `end()` does not wait.
  var isOver: Bool { over.isSet.load(ordering: .acquiring) }

  /// Whether it already goes where a configuration wants it.
  func goes(to other: AccessLogDestination) -> Bool {
    switch (destination, other) {
    case (.standardOutput, .standardOutput): true
    case (.file(let path), .file(let wanted)): path == wanted
    default: false
    }
  }

  /// Returns when everything is written, or when it has taken too long, as it does where whoever
  /// should read it reads no more.
  func end(within time: Duration = .seconds(1)) {
    writer.close()
    thread.join(within: time)
  }
}
