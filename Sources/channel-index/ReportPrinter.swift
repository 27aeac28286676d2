internal import ArgumentParser
internal import ChannelCore
internal import Glibc
internal import SystemPackage

/// Says what a run did, in words and, where asked for, in a file, and by the exit status.
struct ReportPrinter {
  private let console: Console
  private let reportFile: String?
  private let isRehearsal: Bool

  init(_ console: Console, reportFile: String? = nil, isRehearsal: Bool = false) {
    self.console = console
    self.reportFile = reportFile
    self.isRehearsal = isRehearsal
  }

  /// Runs the indexer and prints its report.
  func run(_ body: () throws(ChannelError) -> IndexReport) throws {
    // Whoever reads the output may leave; the exit status and the report are for others.
    signal(SIGPIPE, SIG_IGN)
    var report = IndexReport()
    do throws(ChannelError) {
      report = try body()
    } catch {
      report.failures.append(error)
    }
    try finish(report)
  }

  /// Prints a report and throws the exit status that goes with it, unless that is 0.
  ///
  /// What was left out long ago is no concern of a command that was about other packages.
  func finish(_ report: IndexReport, namingQuarantined: Bool = true) throws {
    var report = report
    if !console.isQuiet {
      for subdir in report.subdirs { print(subdir) }
      for path in report.channel.withdrawn { console.result("channel: \(path) removed") }
      for warning in report.warnings + report.subdirs.flatMap(\.warnings)
        + report.channel.warnings
      {
        console.complain("warning", warning, .odd)
      }
    }
    for error in report.quarantined where namingQuarantined {
      console.complain("left out", "\(error)", .bad)
    }
    if let reportFile {
      do throws(ChannelError) {
        try report.write(to: FilePath(reportFile))
      } catch {
        report.failures.append(error)
      }
    }
    for failure in report.failures { console.complain("error", "\(failure)", .bad) }
    if !report.failures.isEmpty { throw ExitCode(1) }
    if namingQuarantined && !report.quarantined.isEmpty { throw ExitCode(3) }
  }

  private func print(_ subdir: IndexReport.Subdir) {
    console.result(subdir.summary, subdir.quarantined.isEmpty ? .plain : .odd)
    guard console.isVerbose || isRehearsal else { return }
    for archive in subdir.added { console.result("  + \(archive)", .good) }
    for archive in subdir.removed { console.result("  - \(archive)", .bad) }
    for withheld in subdir.withheld {
      console.result("  · \(withheld.archive): \(withheld.reason)", .odd)
    }
    for update in subdir.updated {
      console.result("  ~ \(update.archive)", .odd)
      if isRehearsal { console.printFields(of: update, indent: "      ") }
    }
  }
}
