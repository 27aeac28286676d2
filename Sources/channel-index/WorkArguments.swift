internal import ArgumentParser

/// The options of every command that reads packages or waits for others.
struct WorkArguments: ParsableArguments {
  @Option(help: ArgumentHelp("How many threads to use. (default: one a processor)", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp("How long to wait for another indexer. (default: 60)", valueName: "seconds"))
  var lockTimeout: Double?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1.") }
    if let lockTimeout, !(0...1e9).contains(lockTimeout) {
      throw ValidationError("--lock-timeout takes seconds from 0.")
    }
  }
}
