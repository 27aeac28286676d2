internal import ArgumentParser
internal import ChannelCore
internal import Glibc
internal import SystemPackage

/// Says what each run of a watch changed, and what went wrong for the first time.
struct ChannelWatcher {
  private let console: Console
  private let reportFile: String?

  init(_ console: Console, reportFile: String?) {
    self.console = console
    self.reportFile = reportFile
  }

  /// Watches until `stop` becomes readable; `refreshing` makes the options of each run.
  func run(
    _ indexer: ChannelIndexer, until stop: FileDescriptor,
    refreshing: @escaping () throws(ChannelError) -> IndexOptions
  ) throws {
    signal(SIGPIPE, SIG_IGN)
    var news = WatchNews()
    do throws(ChannelError) {
      try indexer.watch(until: stop, refreshing: refreshing) { result in
        let report = news.news(of: result)
        // The exit status is that of the watch's end.
        try? ReportPrinter(console, reportFile: reportFile).finish(report)
      }
    } catch {
      console.complain("error", "\(error)", .bad)
      throw ExitCode(1)
    }
  }
}
