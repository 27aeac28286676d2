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

  /// Has the pool finish a listing; nil when it has too much to do already.
  mutating func begin(_ work: ListingWork, _ pending: PendingListing) -> Wait? {
    let key = pending.key
    let wait = begin(.listing(pending)) {
      do throws(Errno) {
        guard let page = try work.read() else { return .listing(.failure(.canceled)) }
        return .listing(.success(page))
      } catch {
        return .listing(.failure(error))
      }
    }
    if let wait { listings[key] = wait.number }
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

  private mutating func begin(
    _ task: Task, _ work: @escaping @Sendable () -> Product
  ) -> Wait? {
    last += 1
    let (number, mailbox) = (last, mailbox)
    let isAccepted = pool.submit {
      guard mailbox.isOpen else { return }
      mailbox.post(.files(number, work()))
    }
    guard isAccepted else { return nil }
    tasks[number] = task
    return Wait(number: number, isForProduct: true)
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
