internal import ArgumentParser
internal import ChannelCore
internal import SystemPackage

/// Says what a run did: results on stdout, what went wrong on stderr, the rest by exit status.
enum ReportPrinter {
  /// Runs the indexer and prints its report.
  static func run(_ body: () throws(ChannelError) -> IndexReport) throws {
    let report: IndexReport
    do throws(ChannelError) {
      report = try body()
    } catch {
      complain("error: \(error)")
      throw ExitCode(1)
    }
    for subdir in report.subdirs { print(line(for: subdir)) }
    for warning in report.warnings { complain("warning: \(warning)") }
    for error in report.quarantined { complain("left out: \(error)") }
    for failure in report.failures { complain("error: \(failure)") }
    if !report.failures.isEmpty { throw ExitCode(1) }
    if !report.quarantined.isEmpty { throw ExitCode(3) }
  }

  private static func line(for subdir: IndexReport.Subdir) -> String {
    var changes: [String] = []
    if subdir.added > 0 { changes.append("\(subdir.added) added") }
    if subdir.updated > 0 { changes.append("\(subdir.updated) replaced") }
    if subdir.removed > 0 { changes.append("\(subdir.removed) removed") }
    if !subdir.quarantined.isEmpty { changes.append("\(subdir.quarantined.count) left out") }
    if changes.isEmpty { changes.append(subdir.written.isEmpty ? "unchanged" : "written anew") }
    let packages = subdir.published == 1 ? "package" : "packages"
    return "\(subdir.platform): \(subdir.published) \(packages), "
      + changes.joined(separator: ", ")
  }

  private static func complain(_ message: String) {
    _ = try? FileDescriptor.standardError.writeAll("channel-index: \(message)\n".utf8)
  }
}
