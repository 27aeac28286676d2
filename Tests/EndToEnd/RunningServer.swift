import Foundation
import Support
import SystemPackage

/// A `channel-server` on a free loopback port, stopped at the latest when this goes away.
final class RunningServer {
  /// The URL that its ready line names, with a final slash.
  let url: String
  private let process: ChildProcess
  private let scratch: TemporaryDirectory
  private let errors = Pipe()

  struct NotReady: Error, CustomStringConvertible {
    var description: String
  }

  /// Starts the server and waits for its ready line.
  init(serving channel: FilePath, _ arguments: String...) throws {
    scratch = try TemporaryDirectory()
    process = try ChildProcess(
      Command.built("channel-server"),
      [channel.string, "--host", "127.0.0.1", "--port", "0"] + arguments,
      output: try Command.handle(writing: scratch("access.log")), errors: errors)

    let reader = errors.fileHandleForReading
    var text = ""
    var named: String?
    while named == nil {
      let bytes = reader.availableData
      if bytes.isEmpty { throw NotReady(description: "the server ended: \(text)") }
      text += String(decoding: bytes, as: UTF8.self)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      named = lines.lazy.compactMap { $0.firstMatch(of: /http:\/\/[^\s]+/) }.first
        .map { String($0.output) }
    }
    url = named.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? ""
    // From here on somebody must empty the pipe, or a talkative server would stop.
    reader.readabilityHandler = { _ = $0.availableData }
  }

  deinit {
    errors.fileHandleForReading.readabilityHandler = nil
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
}
