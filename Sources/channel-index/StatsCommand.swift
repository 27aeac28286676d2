internal import ArgumentParser
internal import ChannelCore
internal import Glibc
internal import SystemPackage

/// `channel-index stats DIR`: says how much a channel lists and how it grew.
struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Say how much a channel lists, and how it grew.",
    discussion: "Counted is what repodata.json lists, whichever tool wrote it.")

  @Argument(help: "The channel's directory.", completion: .directory)
  var directory: String

  @Flag(help: "Print the numbers as JSON.")
  var json = false

  @OptionGroup(title: "Output")
  var output: OutputArguments

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let console = Console(output)
    let statistics: ChannelStatistics
    do throws(ChannelError) {
      statistics = try ChannelStatistics(of: FilePath(directory))
    } catch {
      console.complain("error", "\(error)", .bad)
      throw ExitCode(1)
    }
    if json {
      console.result(String(decoding: statistics.json, as: UTF8.self))
    } else {
      for line in Self.table(statistics) + Self.plot(statistics.months) { console.result(line) }
    }
  }

  private static func table(_ statistics: ChannelStatistics) -> [String] {
    var rows = [["", "packages", "names", "size"]]
    for (platform, amount) in statistics.subdirs.sorted(by: { $0.key < $1.key }) {
      rows.append(row(platform.name, amount))
    }
    rows.append(row("all", statistics.total))
    var lines = aligned(rows)
    if statistics.yanked > 0 { lines.append("yanked: \(statistics.yanked)") }
    return lines
  }

  private static func row(_ name: String, _ amount: ChannelStatistics.Amount) -> [String] {
    [name, "\(amount.packages)", "\(amount.names)", size(amount.bytes)]
  }

  /// How many months a plot shows at most.
  private static let monthLimit = 24

  /// A bar for each month, as long as the packages that appeared in it are many.
  private static func plot(_ months: [ChannelStatistics.Month]) -> [String] {
    let months = months.suffix(monthLimit)
    guard let most = months.map(\.packages).max() else { return [] }
    let rows = months.map { month in
      let bar = String(repeating: "█", count: max(1, month.packages * 40 / most))
      return [month.name, "+\(month.packages)", size(month.bytes), bar]
    }
    return ["", "new packages by month"] + aligned(rows, closing: true)
  }

  /// Rows as lines: the first cell to the left, the others to the right, but for a last one that
  /// closes the line.
  private static func aligned(_ rows: [[String]], closing: Bool = false) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      let cells = zip(row, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        if column == 0 { return cell.0 + padding }
        return closing && column == row.count - 1 ? cell.0 : padding + cell.0
      }
      return cells.joined(separator: "  ")
    }
  }

  private static func size(_ bytes: Int) -> String {
    var value = Double(bytes)
    for unit in ["B", "kB", "MB", "GB"] {
      if value < 1000 { return unit == "B" ? "\(bytes) B" : "\(rounded(value)) \(unit)" }
      value /= 1000
    }
    return "\(rounded(value)) TB"
  }

  private static func rounded(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
