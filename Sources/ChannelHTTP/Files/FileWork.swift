internal import ChannelSystem
internal import SystemPackage

/// What is under way at the pool for one loop's files.
struct FileWork {
  /// Names one piece of work as long as the loop lives.
  typealias Number = UInt64

  /// What a piece of work has come to.
  enum Product: Sendable {
    case listing(Result<ListingWork.Page, Errno>)
    case packed(Representation?)
  }

  /// Why a request is not answered yet.
  struct Wait {
    let number: Number
    /// Whether it is answered with the product; otherwise, the work having begun too early for it,
    /// it is asked again when the work is done.
    let isForProduct: Bool
  }

  /// What the loop has to remember of a piece of work.
  enum Task {
    case listing(PendingListing)
    case packing(FileResource)
  }

  /// A listing whose entry in the cache is known but for its content.
  struct PendingListing {
    let key: Key
    let hash: UInt64
    let folder: MountedFolder
    /// The directory's name below the folder.
    let name: [UInt8]
    var account: FileLoader.Account
    let moment: Evidence.Moment
  }

  struct Key: Hashable {
    let path: [UInt8]
    let variant: UInt8
  }

  private var tasks: [Number: Task] = [:]
  private var listings: [Key: Number] = [:]
  private var last: Number = 0
  private let pool: WorkerPool
  private let mailbox: Mailbox

  init(pool: WorkerPool, mailbox: Mailbox) {
    self.pool = pool
    self.mailbox = mailbox
  }

  var isIdle: Bool { tasks.isEmpty }

  /// How to wait for the listing with this key that is under way; nil when none is.
  func wait(for key: Key, at moment: Evidence.Moment) -> Wait? {
    guard let number = listings[key], case .listing(let pending) = tasks[number] else { return nil }
    return Wait(number: number, isForProduct: pending.moment.isAsGood(as: moment))
  }

  /// Has the pool finish a listing, with all threads that are free; nil when it has too much to do
  /// already.
  mutating func begin(_ work: ListingWork, _ pending: PendingListing) -> Wait? {
    let key = pending.key
    let read: @Sendable () -> Product? = {
      do throws(Errno) {
        return try work.goOn().map { .listing(.success($0)) }
      } catch {
        return .listing(.failure(error))
      }
    }
    let wait = begin(.listing(pending), read)
    if let wait {
      listings[key] = wait.number
      help(wait.number, read)
    }
    return wait
  }

  /// Has the pool pack a file; nil when it has too much to do already.
  mutating func pack(_ file: FileResource) -> Wait? {
    if case .underWay(let number) = file.packing { return Wait(number: number, isForProduct: true) }
    let plain = file.plain
    let wait = begin(.packing(file)) { .packed(plain.gzipped()) }
    if let wait { file.beginPacking(wait.number) }
    return wait
  }

  /// Has the pool do `work`, which makes nothing where somebody else comes to an end with it.
  private mutating func begin(
    _ task: Task, _ work: @escaping @Sendable () -> Product?
  ) -> Wait? {
    last += 1
    guard pool.submit(job(last, work)) else { return nil }
    tasks[last] = task
    return Wait(number: last, isForProduct: true)
  }

  /// Has others join in a piece of work, as long as they have nothing else to do.
  private func help(_ number: Number, _ work: @escaping @Sendable () -> Product?) {
    for _ in 1..<Processors.available {
      guard pool.submitIfIdle(job(number, work)) else { return }
    }
  }

  private func job(
    _ number: Number, _ work: @escaping @Sendable () -> Product?
  ) -> WorkerPool.Work {
    let mailbox = mailbox
    return {
      guard mailbox.isOpen, let product = work() else { return }
      mailbox.post(.files(number, product))
    }
  }

  /// Forgets what is under way: those who wait for it are asked again when it is done.
  mutating func forgetAll() {
    tasks.removeAll()
    listings.removeAll()
  }

  /// What the finished piece of work was.
  mutating func end(_ number: Number) -> Task? {
    let task = tasks.removeValue(forKey: number)
    if case .listing(let pending) = task, listings[pending.key] == number {
      listings[pending.key] = nil
    }
    return task
  }
}
