import Foundation
import Support
import SystemPackage

/// A program run to its end: what it wrote and how it ended.
struct Command: Sendable {
  /// The exit status, or minus the signal that ended it.
  var status: Int32
  var output: String
  var errors: String

  static func run(_ program: String, _ arguments: String...) async throws -> Command {
    try await run(program, arguments)
  }

  /// Runs `program`, found through PATH unless it has a slash.
  ///
  /// Output goes to files: a pipe that nobody empties would stop the program.
  static func run(_ program: String, _ arguments: [String]) async throws -> Command {
    let scratch = try TemporaryDirectory()
    let (output, errors) = (scratch("output"), scratch("errors"))
    let process = try ChildProcess(
      program, arguments, output: try handle(writing: output), errors: try handle(writing: errors))
    let status = await process.end()
    return Command(
      status: status, output: try output.readText(), errors: try errors.readText())
  }

  /// Creates a file and opens it for a program to write to.
  static func handle(writing path: FilePath) throws -> FileHandle {
    try path.write([])
    return try FileHandle(forWritingTo: URL(filePath: path.string))
  }

  /// The path of an executable of this package: the build puts them beside the tests themselves.
  static func built(_ name: String) -> String { buildDirectory.appending(name).string }

  static let buildDirectory: FilePath = {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return FilePath(tests ?? CommandLine.arguments[0]).removingLastComponent()
  }()
}
