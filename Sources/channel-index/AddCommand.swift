internal import ArgumentParser
internal import ChannelCore
internal import Glibc
internal import SystemPackage

/// `channel-index add DIR FILE…`: takes packages into a channel.
struct AddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Put packages into a channel and publish them.",
    discussion: """
      Reads and judges every file first, finds the subdir by what the package says, copies the file \
      there and publishes it without reading anything else. A file that is refused does not keep \
      the others out; the status is 3 then. Bytes that are in the channel already are no error. What \
      is in the channel then and no index lists, since it is yanked or gives way to newer packages, \
      is named with the reason.
      """)

  @Argument(help: "The channel's directory.", completion: .directory)
  var directory: String

  @Argument(help: "The packages.", completion: .file(extensions: ["conda", "bz2"]))
  var files: [String]

  @Flag(help: "Move the files instead of copying them.")
  var move = false

  @Flag(help: "Let a package give way that has the same name and other bytes.")
  var replace = false

  @OptionGroup
  var settings: IndexArguments

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let console = Console(output)
    var options = AdmissionOptions()
    options.moves = move
    options.replaces = replace
    let indexer = try settings.indexer(for: directory, console)
    let report: AdmissionReport
    do throws(ChannelError) {
      report = try indexer.add(
        files.map { PackageCandidate(file: FilePath($0)) }, options: options)
    } catch {
      console.complain("error", "\(error)", .bad)
      throw ExitCode(1)
    }
    for entry in report.entries { print(entry, console) }
    try ReportPrinter(console).finish(report.index, namingQuarantined: false)
    if !report.refused.isEmpty { throw ExitCode(3) }
  }

  private func print(_ entry: AdmissionReport.Entry, _ console: Console) {
    let name = "\(entry.subdir.map { "\($0)/" } ?? "")\(entry.candidate.name)"
    let (word, style): (String, Console.Style) =
      switch entry.outcome {
      case .added: ("added", .good)
      case .replaced: ("replaced", .odd)
      case .unchanged: ("already there", .plain)
      case .refused(let error): ("\(error)", .bad)
      }
    if case .refused = entry.outcome {
      console.complain("refused", word, style)
    } else if let reason = entry.withheld {
      // To be noticed: whoever added it means to install it.
      console.complain("not listed", "\(name) (\(word)): \(reason)", .odd)
    } else if !console.isQuiet {
      console.result("\(name): \(word)", style)
    }
  }
}
