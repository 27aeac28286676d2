internal import ChannelSystem
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Reads what a directory holds, with as many threads at once as come to it.
///
/// Each takes some names, looks at the files, hands in what it has found and takes the next names.
/// With a file system in memory it is the looking that takes the time: three quarters of it.
final class ListingReader: Sendable {
  /// All that the directory holds.
  struct Found: Sendable {
    var listing = Listing()
    /// Whether some of it can change without a change to the directory itself, as the times of
    /// directories below it do, and all that links lead to.
    var tellsOfOthers = false
  }

  fileprivate struct State: ~Copyable {
    var names: DirectoryEntries
    var resolver: PathResolver
    var found = Found()
    var readers = 0
    /// Whether no name is left that nobody has taken.
    var isAtEnd = false
    var isFinished = false
    var failure: Errno?
  }

  /// The directory's name below the root.
  let path: [UInt8]
  private let state: Mutex<State>
  /// Open as long as this reader lives.
  private let directory: FileDescriptor

  /// How many names a thread takes at a time.
  private static let share = 128

  /// Reads the directory that `directory` has open and that is called `path`.
  init(
    of directory: consuming Descriptor, called path: [UInt8],
    beneath resolver: consuming PathResolver
  ) throws(Errno) {
    let names = try DirectoryEntries(of: directory)
    self.path = path
    self.directory = names.descriptor
    state = Mutex(State(names: names, resolver: resolver))
  }

  /// Reads on, past at most `count` names.
  ///
  /// Hidden names, and what is neither file nor directory, are left out, as are links that lead
  /// nowhere or out of the root: what is not served is not listed.
  ///
  /// - Parameters:
  ///   - count: How many names are enough.
  ///   - isGivingWay: Whether to let others have the processor every now and then; they would wait
  ///     for milliseconds otherwise, if all processors are busy with this.
  /// - Returns: Everything, for the one who finishes last; nil for the others, and while there is
  ///   more to read.
  /// - Throws: `Errno`, also to the last one alone, when the names cannot be read.
  func read(atMost count: Int = .max, givingWay isGivingWay: Bool = false) throws(Errno) -> Found? {
    var batch = Batch()
    var left = count
    state.withLock { $0.readers += 1 }
    while state.withLock({ $0.exchange(&batch, atMost: min(left, Self.share)) }) {
      left -= batch.taken
      batch.look(in: directory) { status(behind: $0) }
      if isGivingWay { sched_yield() }
    }
    return try state.withLock { (state) throws(Errno) in try state.leave() }
  }

  private func status(behind link: ArraySlice<UInt8>) -> FileStatus? {
    let target = path.isEmpty ? Array(link) : path + [ASCII.slash] + link
    return state.withLock { state in
      guard let descriptor = try? state.resolver.open(target) else { return nil }
      return try? FileStatus(of: descriptor.raw)
    }
  }
}

extension ListingReader {
  /// Names that one thread looks at.
  fileprivate struct Batch: Sendable {
    /// One behind the other, each with a zero behind it.
    private(set) var bytes: [UInt8] = []
    /// What is found of each: its name without the zero, and nothing until it is looked at.
    private(set) var files: [(name: Range<Int>, status: FileStatus?)] = []
    /// Names taken from the directory for it, the hidden ones included.
    private(set) var taken = 0
    private(set) var tellsOfOthers = false

    /// Takes at most `count` names.
    ///
    /// - Returns: Whether there were that many.
    mutating func refill(
      from names: inout DirectoryEntries, atMost count: Int
    ) throws(Errno) -> Bool {
      bytes.removeAll(keepingCapacity: true)
      files.removeAll(keepingCapacity: true)
      tellsOfOthers = false
      taken = 0
      while taken < count {
        guard let (name, kind) = try names.nextInPlace() else { return false }
        taken += 1
        guard name.first != ASCII.dot, kind != .other else { continue }
        files.append((name: bytes.count..<bytes.count + name.count - 1, status: nil))
        bytes += name
      }
      return true
    }

    /// Looks at all files, those behind links as `behindLink` finds them.
    mutating func look(
      in directory: FileDescriptor, behindLink: (ArraySlice<UInt8>) -> FileStatus?
    ) {
      for index in files.indices {
        let name = files[index].name
        var status = status(of: name, in: directory)
        if status?.kind == .symbolicLink {
          tellsOfOthers = true
          status = behindLink(bytes[name])
        }
        if status?.kind == .directory { tellsOfOthers = true }
        files[index].status = status
      }
    }

    private func status(of name: Range<Int>, in directory: FileDescriptor) -> FileStatus? {
      bytes.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) { bytes in
          bytes.baseAddress.flatMap {
            try? FileStatus(of: $0 + name.lowerBound, in: directory, followingLinks: false)
          }
        }
      }
    }
  }
}

extension ListingReader.State {
  /// Takes what is found of the last names, and gives the next ones.
  ///
  /// - Returns: Whether there are any.
  fileprivate mutating func exchange(_ batch: inout ListingReader.Batch, atMost count: Int) -> Bool
  {
    found.add(batch)
    do throws(Errno) {
      guard !isAtEnd else { return false }
      isAtEnd = try !batch.refill(from: &names, atMost: count)
    } catch {
      isAtEnd = true
      failure = error
    }
    return batch.taken > 0
  }

  /// Lets a thread go that has handed in all that it has found.
  fileprivate mutating func leave() throws(Errno) -> ListingReader.Found? {
    readers -= 1
    guard isAtEnd, readers == 0, !isFinished else { return nil }
    isFinished = true
    if let failure { throw failure }
    defer { found = ListingReader.Found() }
    return found
  }
}

extension ListingReader.Found {
  fileprivate mutating func add(_ batch: ListingReader.Batch) {
    if batch.tellsOfOthers { tellsOfOthers = true }
    for case (let name, let status?) in batch.files {
      guard status.kind == .regular || status.kind == .directory else { continue }
      listing.add(
        batch.bytes[name], isDirectory: status.kind == .directory, size: status.size,
        modified: HTTPDate(seconds: Int(clamping: status.modified.seconds)))
    }
  }
}
