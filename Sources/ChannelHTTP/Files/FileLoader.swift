internal import ChannelSystem
internal import Glibc
internal import Logging
internal import SystemPackage

/// Makes representations of what lies beneath a directory, and keeps account of what it saw.
struct FileLoader: ~Copyable {
  private var resolver: PathResolver
  private let options: MountedFolder.Options
  private let logger: Logger

  /// What was seen since the last request.
  private(set) var account = Account()

  /// What was seen while something was loaded.
  struct Account {
    var facts: [Evidence.Fact] = []
    var hasMetLinks = false
    var isListing = false
    /// Whether a listing tells of what its directory's changes do not.
    var tellsOfOthers = false
  }

  init(_ resolver: consuming PathResolver, options: MountedFolder.Options, logger: Logger) {
    self.options = options
    self.logger = logger
    self.resolver = resolver
  }

  /// The served directory.
  var root: FileDescriptor { resolver.directory }

  /// Opens the root anew when its path leads to another directory by now.
  ///
  /// - Returns: Whether it does.
  mutating func reopenRootIfReplaced() -> Bool {
    let (path, known) = (resolver.path, resolver.status)
    guard let status = try? FileStatus(of: path), status.kind == .directory,
      status.inode != known.inode || status.device != known.device,
      let opened = try? PathResolver(root: path)
    else { return false }
    resolver = opened
    return true
  }

  /// What a name leads to.
  enum Found {
    case file(FileResource)
    case directory
  }

  /// Content up to this many bytes is gzipped for those who ask.
  private static let gzipLimit = 262_144

  /// Loads the file called `name`, or tells that it is a directory.
  mutating func load(_ name: [UInt8], now: HTTPDate) throws(Status) -> Found {
    let opened = try open(name)
    switch opened.status.kind {
    case .directory: return .directory
    case .symbolicLink, .other: throw .notFound
    case .regular: break
    }
    let type = MediaTypes.type(of: name)
    let isCompressible = MediaTypes.isCompressible(type)
    let siblings =
      isCompressible
      ? try siblings(of: name, type: type, atLeast: opened.status.modified, now: now) : []
    let mayBeGzipped = isCompressible && (256...Self.gzipLimit).contains(opened.status.size)
    let fields = fields(for: name, type: type, varies: mayBeGzipped || !siblings.isEmpty)
    let plain = try representation(opened, name: name, fields, now: now)
    return .file(FileResource(plain: plain, packed: siblings, mayBeGzipped: mayBeGzipped))
  }

  private func fields(
    for name: [UInt8], type: StaticString, coding: ContentCoding? = nil, varies: Bool
  ) -> Representation.Fields {
    let last = name[(name.lastIndex(of: ASCII.slash).map { $0 + 1 } ?? 0)...]
    return Representation.Fields(
      type: type, cacheControl: options.cachePolicy.value(for: last), coding: coding,
      vary: vary(last, varies))
  }

  /// What the choice among representations depends on, the one that there is none included.
  private func vary(_ name: ArraySlice<UInt8>, _ coding: Bool) -> StaticString {
    guard options.concealments.dependsOnAgent(name) else { return coding ? "Accept-Encoding" : "" }
    return coding ? "Accept-Encoding, User-Agent" : "User-Agent"
  }

  /// The packed files beside `name` that are no older than it.
  private mutating func siblings(
    of name: [UInt8], type: StaticString, atLeast time: FileStatus.Timestamp, now: HTTPDate
  ) throws(Status) -> [(coding: ContentCoding, representation: Representation)] {
    var found: [(coding: ContentCoding, representation: Representation)] = []
    for coding in [ContentCoding.zstd, .gzip] {
      let sibling = name + coding.suffix.withUTF8Buffer { Array($0) }
      do throws(Status) {
        let opened = try open(sibling)
        guard opened.status.kind == .regular, opened.status.modified >= time else { continue }
        let fields = fields(for: name, type: type, coding: coding, varies: true)
        found.append(
          (coding: coding, try representation(opened, name: sibling, fields, now: now)))
      } catch {
        guard error == .notFound else { throw error }
      }
    }
    return found
  }

  private func representation(
    _ opened: consuming Opened, name: [UInt8], _ fields: Representation.Fields, now: HTTPDate
  ) throws(Status) -> Representation {
    let validators = Preconditions.Validators(
      opened.status, coding: fields.coding?.name ?? "", now: now)
    let size = opened.status.size
    if size <= Representation.inlineLimit, let bytes = try content(of: opened, name: name) {
      return Representation(bytes, validators: validators, fields: fields)
    }
    return Representation(
      opened.takeDescriptor(), size: size, validators: validators, fields: fields)
  }

  /// The bytes of a small file; nil when somebody writes to it meanwhile.
  private func content(of opened: borrowing Opened, name: [UInt8]) throws(Status) -> [UInt8]? {
    let size = opened.status.size
    do throws(Errno) {
      var bytes = [UInt8](repeating: 0, count: size)
      let descriptor = opened.descriptor.raw.rawValue
      let count = bytes.withUnsafeMutableBytes { buffer in
        size == 0 ? 0 : pread(descriptor, buffer.baseAddress, buffer.count, 0)
      }
      let after = try FileStatus(of: opened.descriptor.raw)
      return count == size && after == opened.status ? bytes : nil
    } catch {
      throw status(for: error, opening: name)
    }
  }
}

// Opening, and what is learnt by it.
extension FileLoader {
  /// A file and what it was when it was opened.
  private struct Opened: ~Copyable {
    let descriptor: Descriptor
    let status: FileStatus

    consuming func takeDescriptor() -> Descriptor { descriptor }
  }

  private mutating func open(_ name: [UInt8]) throws(Status) -> Opened {
    do throws(Errno) {
      let descriptor = try resolver.open(name, hasMetLinks: &account.hasMetLinks)
      let status = try FileStatus(of: descriptor.raw)
      account.facts.append(.init(path: PathResolver.cPath(name), status: status))
      return Opened(descriptor: descriptor, status: status)
    } catch {
      account.facts.append(.init(path: PathResolver.cPath(name), status: nil))
      throw status(for: error, opening: name)
    }
  }

  /// Starts a new account.
  mutating func beginAccount() {
    account = Account()
  }

  /// What a client may know of a failure; the rest is the log's.
  func status(for error: Errno, opening name: [UInt8]) -> Status {
    switch error {
    case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .improperLink,
      .fileNameTooLong, .noSuchAddressOrDevice, Errno(rawValue: ENODEV):
      return .notFound
    case .permissionDenied, .notPermitted:
      logger.warning("\(Secrets.hidden(inPath: name)): may not be read: \(error)")
      return .notFound
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory:
      logger.error("\(Secrets.hidden(inPath: name)): cannot be opened: \(error)")
      return .serviceUnavailable
    default:
      logger.error("\(Secrets.hidden(inPath: name)): cannot be read: \(error)")
      return .internalError
    }
  }
}

// Directories.
extension FileLoader {
  /// What stands for a directory.
  enum Shown {
    case file(FileResource)
    /// A listing so long that others should finish it.
    case unfinished(ListingWork)
  }

  /// Names in a directory up to which its listing is made while its first request waits.
  ///
  /// Looking at so many files takes a millisecond.
  static let listedAtOnce = 512

  /// Loads what stands for the directory `name`: its index file, or a listing made as asked for.
  mutating func loadDirectory(
    _ name: [UInt8], asking query: ListingOptions?, now: HTTPDate
  ) throws(Status) -> Shown {
    if query?.isAskedFor != true, let index = options.indexFile {
      do throws(Status) {
        let path = name.isEmpty ? index : name + [ASCII.slash] + index
        if case .file(let file) = try load(path, now: now) { return .file(file) }
      } catch {
        guard error == .notFound else { throw error }
      }
    }
    guard options.showsListings else { throw .notFound }
    let opened = try open(name)
    account.isListing = true
    do throws(Errno) {
      let reader = try ListingReader(
        of: opened.takeDescriptor(), called: name, beneath: resolver.duplicate())
      let wanted = query ?? ListingOptions()
      let style = ListingStyle(
        wanted: wanted, cacheControl: options.cachePolicy.otherwise,
        decorator: wanted.isJSON ? nil : options.decorator, asides: options.asides,
        rootName: Array(options.mount.split(separator: ASCII.slash).last ?? []))
      let work = ListingWork(reader: reader, style: style)
      // What a decorator does, nobody can tell.
      if style.decorator != nil { return .unfinished(work) }
      guard let page = try work.begin(atMost: Self.listedAtOnce) else { return .unfinished(work) }
      account.tellsOfOthers = page.tellsOfOthers
      return .file(FileResource(plain: page.representation, mayBeGzipped: true))
    } catch {
      throw status(for: error, opening: name)
    }
  }
}
