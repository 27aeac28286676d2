import Support
import SystemPackage

/// The sample channel, laid out and indexed by the built executables in a folder of its own.
struct SampleSite {
  private let directory: TemporaryDirectory

  var path: FilePath { directory("channel") }

  init() async throws {
    directory = try TemporaryDirectory()
    for (program, arguments) in [
      ("channel-index", ["init", path.string]),
      ("sample-channel", [path.string]),
      ("channel-index", [path.string]),
    ] {
      let run = try await Command.run(Command.built(program), arguments)
      guard run.status == 0 else { throw Failure(program: program, run: run) }
    }
  }

  /// Removes the file of this name from every subdir.
  func remove(_ name: String) throws {
    var removed = 0
    for subdir in try path.entryNames() {
      let file = path.appending(subdir).appending(name)
      guard file.exists else { continue }
      try file.removeRecursively()
      removed += 1
    }
    // A test that wanted them gone would prove nothing if they had never been there.
    precondition(removed > 0, "no subdir has a \(name)")
  }

  struct Failure: Error, CustomStringConvertible {
    var program: String
    var run: Command

    var description: String { "\(program): status \(run.status): \(run.errors)" }
  }
}
