internal import CLinux
internal import ChannelCore
internal import ChannelSystem
internal import Glibc
internal import Logging
internal import Synchronization
internal import SystemPackage

/// Changes one channel on behalf of many: whoever comes while a generation is made shares the next.
final class Publisher: Sendable {
  /// One thing to be done to the channel.
  struct Job: Sendable {
    enum Change: Sendable {
      /// A file to become a package, and whether one of its name that has other bytes gives way.
      case add(PackageCandidate, StagedFile, replaces: Bool)
      case remove(PackageLocation)
      case yank(PackageLocation, reason: String)
      case unyank(PackageLocation)
    }

    let change: Change
    /// Told what became of it, when readers see it.
    let answer: @Sendable (PublishOutcome) -> Void
  }

  private struct State {
    var waiting: [Job] = []
    var isClosed = false
    var thread: Thread?
  }

  /// A thread in a box, since it can be joined but once.
  private final class Thread: Sendable {
    let thread: Mutex<WorkerThread?>
    init(_ thread: consuming WorkerThread) { self.thread = Mutex(consume thread) }
    func join(within time: Duration) { thread.withLock { $0.take() }?.join(within: time) }
  }

  /// Packages that are published together at most.
  private static let batch = 256
  /// Milliseconds that whoever comes first waits for others at most.
  private static let longestWait = 250

  private let layout: ChannelLayout
  private let staging: StagingArea
  private let logger: Logger
  private let state = Mutex(State())
  private let signal: Descriptor
  private let generations = Atomic(0)

  /// - Throws: `Errno` when the system has no descriptor to give.
  init(_ channel: PublishableChannel, logger: Logger) throws(Errno) {
    layout = ChannelLayout(root: channel.root)
    staging = StagingArea(layout)
    self.logger = logger
    signal = Descriptor(owning: try systemCall { eventfd(0, CInt(EFD_CLOEXEC)) })
  }

  /// How often the index was published.
  var generationCount: Int { generations.load(ordering: .relaxed) }

  /// Begins a file for an upload.
  func stage() throws(Errno) -> StagedFile { try staging.stage() }

  /// Bytes that uploads may still bring; nil when nobody knows.
  var freeSpace: Int? { staging.freeSpace }

  /// Has a job done; false when no more are taken.
  func submit(_ job: Job) -> Bool {
    let isAccepted = state.withLock { state in
      guard !state.isClosed, startThread(&state) else { return false }
      state.waiting.append(job)
      return true
    }
    if isAccepted { eventfd_write(signal.raw.rawValue, 1) }
    return isAccepted
  }

  private func startThread(_ state: inout State) -> Bool {
    if state.thread != nil { return true }
    guard let thread = try? WorkerThread(named: "publisher", { [self] in run() }) else {
      return false
    }
    state.thread = Thread(thread)
    return true
  }

  /// Takes no more jobs.
  func close() {
    state.withLock { $0.isClosed = true }
    eventfd_write(signal.raw.rawValue, 1)
  }

  /// Returns when the jobs are done that were taken, or when the time is up; then those that have not
  /// begun are dropped, and their files with them.
  func end(within time: Duration) {
    state.withLock(\.thread)?.join(within: time)
    state.withLock { $0.waiting = [] }
  }

  /// Puts right what a process left behind that was cut off while it changed the channel.
  func recover() {
    guard staging.removeLeftovers() else { return }
    logger.notice("\(layout.root): a publication was cut off; the channel is indexed again")
    do throws(ChannelError) {
      let report = try indexer().run()
      for failure in report.failures { logger.error("\(failure)") }
    } catch {
      logger.error("\(error)")
    }
  }

  // MARK: The thread

  private func run() {
    // Those who read come first. On Linux this is about the one thread and those that it starts.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
    var lastDuration = Duration.zero
    while true {
      var count: eventfd_t = 0
      _ = try? systemCall { eventfd_read(signal.raw.rawValue, &count) }
      while true {
        // A generation costs the same for one package and for many.
        let wait = min(Self.milliseconds(lastDuration) / 4, Self.longestWait)
        if wait > 0, state.withLock({ !$0.waiting.isEmpty && !$0.isClosed }) {
          usleep(useconds_t(wait * 1000))
        }
        let jobs = state.withLock { state in
          let jobs = state.waiting.prefix(Self.batch)
          state.waiting.removeFirst(jobs.count)
          return Array(jobs)
        }
        if jobs.isEmpty { break }
        lastDuration = ContinuousClock().measure { perform(jobs) }
      }
      if state.withLock({ $0.isClosed && $0.waiting.isEmpty }) { return }
    }
  }

  /// Does some jobs, and answers them when nothing of them is left but what they were for.
  private func perform(_ jobs: [Job]) {
    let outcomes = outcomes(of: jobs)
    for (job, outcome) in zip(jobs, outcomes) {
      if case .add(_, let file, _) = job.change, !outcome.isSuccess { file.remove() }
      job.answer(outcome)
    }
  }

  private func outcomes(of jobs: [Job]) -> [PublishOutcome] {
    let mark: StagedFile
    do throws(Errno) {
      mark = try staging.beginChange()
    } catch {
      let failure = failure("\(staging.path): cannot be written to: \(error)")
      return jobs.map { _ in failure }
    }
    defer { mark.remove() }
    // Neighbours that are alike are done together, and none overtakes another.
    var outcomes: [PublishOutcome] = []
    while outcomes.count < jobs.count {
      let first = jobs[outcomes.count]
      let others = jobs[(outcomes.count + 1)...].prefix { Self.areAlike($0, first) }
      do throws(ChannelError) {
        outcomes += try perform(alike: [first] + others, with: indexer())
      } catch {
        let failure = failure("\(error)")
        outcomes += ([first] + others).map { _ in failure }
      }
    }
    return outcomes
  }

  private static func milliseconds(_ duration: Duration) -> Int {
    Int(duration / .milliseconds(1))
  }

  private static func areAlike(_ one: Job, _ other: Job) -> Bool {
    guard case .add(_, _, let first) = one.change, case .add(_, _, let second) = other.change else {
      return false
    }
    return first == second
  }

  /// The options are those of whoever else indexes the channel, as they are now.
  private func indexer() throws(ChannelError) -> ChannelIndexer {
    ChannelIndexer(channel: layout.root, options: try ChannelConfiguration.options(of: layout))
  }

  /// Does what can be done at once, and says of each job what became of it.
  private func perform(
    alike jobs: [Job], with indexer: ChannelIndexer
  ) throws(ChannelError) -> [PublishOutcome] {
    switch jobs[0].change {
    case .add(_, _, let replaces):
      var options = AdmissionOptions()
      options.moves = true
      options.replaces = replaces
      // Rights and reservations go by the name of the file.
      options.insistsOn = [.fileName, .subdir]
      let candidates = jobs.compactMap { job in
        if case .add(let candidate, _, _) = job.change { candidate } else { nil }
      }
      let report = try indexer.add(candidates, options: options)
      note(report.index)
      return report.entries.map { entry in
        if case .refused(let error) = entry.outcome, error.code == .unwritable {
          return failure("\(error)")
        }
        let outcome = PublishOutcome(entry)
        return !outcome.isSuccess || report.index.failures.isEmpty ? outcome : notListed
      }
    case .remove(let package):
      return [outcome("deleted", try indexer.remove([package]))]
    case .yank(let package, let reason):
      return [outcome("yanked", try indexer.yank([package], reason: reason))]
    case .unyank(let package):
      return [outcome("listed", try indexer.unyank([package]))]
    }
  }

  private func outcome(_ code: String, _ report: WithdrawalReport) -> PublishOutcome {
    note(report.index)
    guard let package = report.packages.first else { return .notFound }
    guard report.index.failures.isEmpty else { return notListed }
    var outcome = PublishOutcome(200, code)
    outcome.path = package.description
    return outcome
  }

  /// Takes down what happened to the index, if anything.
  private func note(_ report: IndexReport) {
    if report != IndexReport() { generations.add(1, ordering: .relaxed) }
    for failure in report.failures { logger.error("\(failure)") }
  }

  /// Done, but for the index.
  private var notListed: PublishOutcome {
    PublishOutcome(
      isDiskFull ? 507 : 500, "not-listed",
      "the files are as they should be, but the index could not be published; send it again")
  }

  private var isDiskFull: Bool { freeSpace.map { $0 == 0 } ?? false }

  /// What is answered when the channel cannot be written to for a reason that the log tells.
  func failure(_ reason: String) -> PublishOutcome {
    logger.error("\(reason)")
    return isDiskFull ? .noSpace : .unwritable
  }
}
