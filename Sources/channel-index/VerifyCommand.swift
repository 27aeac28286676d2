internal import ArgumentParser
internal import ChannelCore
internal import Glibc
internal import SystemPackage

/// `channel-index verify DIR`: says what is not as it should be.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare packages and documents with one another, and change nothing.",
    discussion: """
      Each finding is a line that says what to do about it. Exit status: 0 all is well; 3 something \
      was found; 1 something could not be looked at.
      """)

  @Argument(help: "The channel's directory.", completion: .directory)
  var directory: String

  @Flag(help: "Read every package, and compare its digest with the index.")
  var digests = false

  @Flag(help: "Print the findings as JSON.")
  var json = false

  @OptionGroup
  var work: WorkArguments

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let console = Console(output)
    var inspector = ChannelInspector(channel: FilePath(directory))
    inspector.readsPackages = digests
    if let timeout = work.lockTimeout { inspector.lockTimeout = timeout }
    if let threads = work.threads { inspector.threads = threads }
    let report: InspectionReport
    do throws(ChannelError) {
      report = try inspector.inspect()
    } catch {
      console.complain("error", "\(error)", .bad)
      throw ExitCode(1)
    }
    if json {
      console.result(String(decoding: report.json, as: UTF8.self))
    } else {
      for finding in report.findings { console.result("\(finding)", .odd) }
      if !console.isQuiet { summarise(report, console) }
    }
    for failure in report.failures { console.complain("error", "\(failure)", .bad) }
    if !report.failures.isEmpty { throw ExitCode(1) }
    if !report.findings.isEmpty { throw ExitCode(3) }
  }

  private func summarise(_ report: InspectionReport, _ console: Console) {
    for (package, yank) in report.yanks.packages.sorted(by: { $0.key < $1.key }) {
      console.result("\(package): yanked: \(yank.reason)")
    }
    guard report.findings.isEmpty, report.failures.isEmpty else { return }
    let packages = report.packages == 1 ? "package" : "packages"
    console.result("\(report.packages) \(packages), nothing found", .good)
  }
}
