internal import ChannelSystem
internal import Glibc
internal import Logging
internal import SystemPackage

/// Makes representations of what lies beneath a directory.
struct FileLoader: ~Copyable {
  private var resolver: PathResolver
  private let options: StaticFiles.Options
  private let logger: Logger

  init(root: FilePath, options: StaticFiles.Options, logger: Logger) throws(Errno) {
    resolver = try PathResolver(root: root)
    self.options = options
    self.logger = logger
  }

  /// What a name leads to.
  enum Found {
    case file(FileResource)
    case directory
  }

  /// Loads the file called `name`, or tells that it is a directory.
  mutating func load(_ name: [UInt8], now: HTTPDate) throws(Status) -> Found {
    let opened = try open(name)
    switch opened.status.kind {
    case .directory: return .directory
    case .symbolicLink, .other: throw .notFound
    case .regular: break
    }
    let type = MediaTypes.type(of: name)
    let siblings =
      MediaTypes.isCompressible(type)
      ? try siblings(of: name, type: type, atLeast: opened.status.modified, now: now) : []
    let fields = fields(for: name, type: type, varies: !siblings.isEmpty)
    let plain = try representation(opened, name: name, fields, now: now)
    return .file(FileResource(plain: plain, packed: siblings))
  }

  private func fields(
    for name: [UInt8], type: StaticString, coding: ContentCoding? = nil, varies: Bool
  ) -> Representation.Fields {
    let last = name[(name.lastIndex(of: ASCII.slash).map { $0 + 1 } ?? 0)...]
    return Representation.Fields(
      type: type, cacheControl: options.cachePolicy.value(for: last), coding: coding,
      varies: varies)
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
    if size <= Representation.inlineLimit {
      if let bytes = try content(of: opened, name: name) {
        return Representation(bytes, validators: validators, fields: fields)
      }
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

  /// A file and what it was when it was opened.
  private struct Opened: ~Copyable {
    let descriptor: Descriptor
    let status: FileStatus

    consuming func takeDescriptor() -> Descriptor { descriptor }
  }

  private mutating func open(_ name: [UInt8]) throws(Status) -> Opened {
    do throws(Errno) {
      let descriptor = try resolver.open(name)
      let status = try FileStatus(of: descriptor.raw)
      return Opened(descriptor: descriptor, status: status)
    } catch {
      throw status(for: error, opening: name)
    }
  }

  /// What a client may know of a failure; the rest is the log's.
  private func status(for error: Errno, opening name: [UInt8]) -> Status {
    switch error {
    case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .improperLink,
      .fileNameTooLong, .noSuchAddressOrDevice, Errno(rawValue: ENODEV):
      return .notFound
    case .permissionDenied, .notPermitted:
      logger.warning("\(Self.text(name)): may not be read: \(error)")
      return .notFound
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory:
      logger.error("\(Self.text(name)): cannot be opened: \(error)")
      return .serviceUnavailable
    default:
      logger.error("\(Self.text(name)): cannot be read: \(error)")
      return .internalError
    }
  }

  private static func text(_ name: [UInt8]) -> String {
    String(decoding: name, as: UTF8.self).debugDescription
  }
}

// Directories.
extension FileLoader {
  /// Loads what stands for the directory `name`: its index file, or a listing made as asked for.
  mutating func loadDirectory(
    _ name: [UInt8], asking query: ListingOptions?, now: HTTPDate
  ) throws(Status) -> FileResource {
    if query == nil, let index = options.indexFile {
      do throws(Status) {
        if case .file(let file) = try load(Self.join(name, index), now: now) { return file }
      } catch {
        guard error == .notFound else { throw error }
      }
    }
    guard options.showsListings else { throw .notFound }
    return FileResource(plain: try listing(of: name, as: query ?? ListingOptions(), now: now))
  }

  private mutating func listing(
    of name: [UInt8], as wanted: ListingOptions, now: HTTPDate
  ) throws(Status) -> Representation {
    let opened = try open(name)
    var listing: Listing
    do throws(Errno) {
      listing = try Listing(of: opened.takeDescriptor(), called: name, beneath: &resolver)
    } catch {
      throw status(for: error, opening: name)
    }
    listing.sort(by: wanted.order, descending: wanted.isDescending)
    let page =
      wanted.isJSON
      ? ListingPage.json(listing)
      : ListingPage.html(listing, path: name, hasParent: !name.isEmpty)
    return Representation(
      page,
      validators: Preconditions.Validators(tag: EntityTag(hashing: page), modified: nil),
      fields: Representation.Fields(
        type: wanted.isJSON ? "application/json" : "text/html; charset=utf-8",
        cacheControl: options.cachePolicy.otherwise))
  }

  static func join(_ directory: [UInt8], _ name: [UInt8]) -> [UInt8] {
    directory.isEmpty ? name : directory + [ASCII.slash] + name
  }
}
