internal import ArgumentParser
internal import ChannelCore
internal import Glibc
internal import SystemPackage

/// `channel-index diff A [B]`: compares what two channels list.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare what two channels list, or a channel with what a run would make of it.",
    discussion: """
      Exit status: 0 both list the same; 3 they differ; 1 one of them could not be read.
      """)

  @Argument(help: "A channel's directory.", completion: .directory)
  var directory: String

  @Argument(
    help: "Another channel's directory. (default: the first after a run)", completion: .directory)
  var other: String?

  @Option(
    name: .customLong("ignore"),
    help: ArgumentHelp(
      "Let records differ in this field, such as indexed_timestamp; may be repeated.",
      valueName: "field"))
  var ignored: [String] = []

  @Flag(help: "Print the differences as JSON.")
  var json = false

  @OptionGroup
  var settings: IndexArguments

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let console = Console(output)
    let indexer = try settings.indexer(for: directory, console)
    let difference: ChannelDifference
    do throws(ChannelError) {
      let ignored = Set(ignored)
      difference =
        if let other {
          try ChannelDifference(
            from: FilePath(directory), to: FilePath(other), ignoring: ignored)
        } else {
          try indexer.difference(ignoring: ignored)
        }
    } catch {
      console.complain("error", "\(error)", .bad)
      throw ExitCode(1)
    }
    if json {
      console.result(String(decoding: difference.json, as: UTF8.self))
    } else if !console.isQuiet {
      for subdir in difference.subdirs { console.print(subdir) }
    }
    if !difference.isEmpty { throw ExitCode(3) }
  }
}

extension Console {
  fileprivate func print(_ subdir: ChannelDifference.Subdir) {
    for archive in subdir.removed { result("- \(subdir.platform)/\(archive)", .bad) }
    for archive in subdir.added { result("+ \(subdir.platform)/\(archive)", .good) }
    for update in subdir.changed {
      result("~ \(subdir.platform)/\(update.archive)", .odd)
      printFields(of: update, indent: "    ")
    }
  }

  /// A line for each field of a record that changed.
  func printFields(of update: IndexReport.Update, indent: String) {
    for field in update.fields {
      let (before, after) = (field.before, field.after)
      result("\(indent)\(field.name): \(text(before)) → \(text(after))")
    }
  }

  private func text(_ value: JSONValue?) -> String {
    value.map { "\($0)" } ?? "none"
  }
}
