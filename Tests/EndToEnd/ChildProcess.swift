import Foundation
import Synchronization

/// A running program that cannot outlive this value, nor run for ever.
final class ChildProcess {
  private let process = Process()
  private let ending: AsyncStream<Int32>
  private let isOver = SharedFlag()

  /// No program of these tests takes this long; one that hangs is killed, so that the tests end.
  private static let patience = DispatchTimeInterval.seconds(600)

  /// Starts `program`, found through PATH unless it has a slash.
  init(
    _ program: String, _ arguments: [String], input: Any = FileHandle.nullDevice, output: Any,
    errors: Any
  ) throws {
    let (ending, continuation) = AsyncStream.makeStream(of: Int32.self)
    self.ending = ending
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    process.terminationHandler = { [isOver] process in
      isOver.set()
      let status = process.terminationStatus
      continuation.yield(process.terminationReason == .exit ? status : -status)
      continuation.finish()
    }
    try Self.withSignalsUnblocked { try process.run() }
    let identifier = process.processIdentifier
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { [isOver] in
      if !isOver.isSet { kill(identifier, SIGKILL) }
    }
  }

  var identifier: Int32 { process.processIdentifier }

  deinit {
    send(SIGKILL)
  }

  func send(_ signal: Int32) {
    if !isOver.isSet { kill(process.processIdentifier, signal) }
  }

  /// Waits until `condition` holds; false when the program ends without.
  func runs(until condition: () -> Bool) async -> Bool {
    while true {
      let isOver = isOver.isSet
      if condition() { return true }
      if isOver { return false }
      await Task.yield()
    }
  }

  /// Waits for the end; answers the exit status, or minus the signal that ended the program.
  func end() async -> Int32 {
    for await status in ending { return status }
    return -1
  }

  /// Tests run on threads that block most signals, and a program inherits what its starter blocks.
  private static func withSignalsUnblocked(_ body: () throws -> Void) rethrows {
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  private final class SharedFlag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
  }
}
