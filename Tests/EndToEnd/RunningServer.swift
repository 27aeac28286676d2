import Foundation
import Support
import Synchronization
import SystemPackage

/// A `channel-server` on a free loopback port, stopped at the latest when this goes away.
final class RunningServer {
  /// The URL that its ready line names, with a final slash.
  let url: String
  private let process: ChildProcess
  private let scratch: TemporaryDirectory
  private let pipe = Pipe()
  private let said = Said()

  struct NotReady: Error, CustomStringConvertible {
    var description: String
  }

  /// Starts a server of `channel` on a free loopback port and waits for its ready line.
  convenience init(serving channel: FilePath, _ arguments: String...) throws {
    try self.init(serving: channel, arguments)
  }

  /// Starts a server of `channel` on a free loopback port and waits for its ready line.
  convenience init(serving channel: FilePath, _ arguments: [String]) throws {
    try self.init([channel.string, "--host", "127.0.0.1", "--port", "0"] + arguments)
  }

  /// Starts the server and waits for its ready line.
  ///
  /// The starter is a program, with arguments, that becomes the server. That has one loop unless it is
  /// told otherwise: each needs a watcher of directories, of which a user mostly has 128, and some
  /// fifty servers run beside one another.
  init(
    _ arguments: [String], by starter: [String] = [], input: Any = FileHandle.nullDevice
  ) throws {
    scratch = try TemporaryDirectory()
    let isTold = arguments.contains { ["--config", "--threads"].contains($0) }
    let loops = isTold ? [] : ["--threads", "1"]
    process = try ChildProcess(
      "env", starter + [Command.built("channel-server")] + arguments + loops, input: input,
      output: try Command.handle(writing: scratch("access.log")), errors: pipe)

    let reader = pipe.fileHandleForReading
    var named: String?
    while named == nil {
      guard said.take(from: reader) else {
        throw NotReady(description: "the server ended: \(said.text)")
      }
      let lines = said.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      named = lines.lazy.compactMap { $0.firstMatch(of: /http:\/\/[^\s]+/) }.first
        .map { String($0.output) }
    }
    url = named.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? ""
    // From here on somebody must empty the pipe, or a talkative server would stop.
    reader.readabilityHandler = { [said] reader in
      if !said.take(from: reader) { reader.readabilityHandler = nil }
    }
  }

  deinit {
    pipe.fileHandleForReading.readabilityHandler = nil
  }

  /// Waits until the server has said `text` so often on its standard error; false when it ends
  /// without.
  func says(_ text: String, times: Int = 1) async -> Bool {
    await said.contains(text, times: times)
  }

  /// Waits until `condition` holds; false when the server ends without.
  func runs(until condition: () -> Bool) async -> Bool { await process.runs(until: condition) }

  /// What the server has said on its standard error so far.
  var errors: String { said.text }

  /// The port of its URL.
  var port: UInt16 { URL(string: url)?.port.flatMap(UInt16.init(exactly:)) ?? 0 }

  /// The process's number.
  var identifier: Int32 { process.identifier }

  /// Sends `signal` and leaves the server to heed it.
  func send(_ signal: Int32) {
    process.send(signal)
  }

  /// Sends `signal` and waits for the end; answers the exit status, or minus the signal.
  func stop(_ signal: Int32 = SIGTERM) async -> Int32 {
    process.send(signal)
    return await process.end()
  }

  /// What the server logged on its standard output so far.
  var accessLog: String {
    get throws { try scratch("access.log").readText() }
  }

  /// What the server has written to its standard error.
  private final class Said: Sendable {
    private struct State {
      var bytes: [UInt8] = []
      var isOver = false
      var waiters: [Waiter] = []

      var text: String { String(decoding: bytes, as: UTF8.self) }

      /// Whether the text is there so often; nil while it may still come.
      func holds(_ text: String, times: Int) -> Bool? {
        if self.text.ranges(of: text).count >= times { return true }
        return isOver ? false : nil
      }
    }

    private struct Waiter {
      let text: String
      let times: Int
      let continuation: CheckedContinuation<Bool, Never>
    }

    private let state = Mutex(State())

    var text: String { state.withLock(\.text) }

    /// Waits until the text is there so often; false when the server ends without.
    func contains(_ text: String, times: Int) async -> Bool {
      await withCheckedContinuation { continuation in
        state.withLock { state in
          if let answer = state.holds(text, times: times) {
            continuation.resume(returning: answer)
          } else {
            state.waiters.append(Waiter(text: text, times: times, continuation: continuation))
          }
        }
      }
    }

    /// Takes what there is, waiting for it; false at the end.
    func take(from reader: FileHandle) -> Bool {
      let new = reader.availableData
      state.withLock { state in
        state.bytes += new
        state.isOver = new.isEmpty
        let waiters = state.waiters
        state.waiters = []
        for waiter in waiters {
          if let answer = state.holds(waiter.text, times: waiter.times) {
            waiter.continuation.resume(returning: answer)
          } else {
            state.waiters.append(waiter)
          }
        }
      }
      return !new.isEmpty
    }
  }
}
