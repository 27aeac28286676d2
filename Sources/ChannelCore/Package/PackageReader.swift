package import ChannelSystem
public import SystemPackage

/// What a package's file says of itself, before anyone has judged it.
public struct PackageContents: Sendable, Hashable {
  /// The file's size in bytes.
  public let size: Int
  /// The SHA-256 digest of the file.
  public let sha256: Digest
  /// The MD5 digest of the file.
  public let md5: Digest
  /// The members that were asked for and found, as they are.
  public let members: [MetadataMember: [UInt8]]
  /// Which version of the file was read.
  package let status: FileStatus
}

/// A member of a package that an index is made from (CEP 34).
public enum MetadataMember: String, Sendable, Hashable, CaseIterable {
  /// The record: name, version, build, dependencies.
  case index = "info/index.json"
  /// What the package asks of those that are built with it (CEP 12).
  case runExports = "info/run_exports.json"
  /// The same, as older build tools wrote it.
  case runExportsYAML = "info/run_exports.yaml"
  /// Summary, licence, addresses.
  case about = "info/about.json"
  /// What is installed, and how.
  case paths = "info/paths.json"
  /// The recipe that conda-build rendered.
  case recipe = "info/recipe/meta.yaml"
  /// The recipe that rattler-build rendered.
  case renderedRecipe = "info/recipe/rendered_recipe.yaml"
  /// A picture for pages.
  case icon = "info/icon.png"
}

/// Limits on what one package may make the reader do, all in bytes.
public struct ReadLimits: Sendable, Hashable {
  /// The size of one metadata member.
  public var member = 1 << 20
  /// The size of the list of files, which is the longest member.
  public var paths = 64 << 20
  /// How much may be unpacked of a `.conda` package's `info` part.
  public var info = 512 << 20
  /// How much may be unpacked of a `.tar.bz2` package before its metadata is found, whatever its own
  /// size; a large one may unpack to a hundred times that.
  public var archive = 1 << 30

  /// The limits that no honest package reaches.
  public init() {}
}

/// Reads packages, one after another, with buffers that are made once.
///
/// A file is read once for its digests; what lies in `info/` is then taken from memory, or for a
/// large file from the page cache. Nothing is written anywhere.
public struct PackageReader: ~Copyable {
  /// Files up to this size are held in memory between the two looks.
  private static let memoryLimit = 8 << 20

  /// Told of each file whose digests are made and whose metadata have still to be read.
  package var observer: @Sendable (FilePath) -> Void = { _ in }

  private let limits: ReadLimits
  private let md5 = DigestStream(.md5)
  private let sha256 = DigestStream(.sha256)
  private let buffer: UnsafeMutableRawBufferPointer
  private let unpacker = Unpacker()

  /// Creates a reader for use on one thread.
  public init(limits: ReadLimits = ReadLimits()) {
    self.limits = limits
    buffer = .allocate(byteCount: Self.memoryLimit, alignment: 64)
  }

  deinit {
    buffer.deallocate()
  }

  /// Digests and metadata of the package at `path`, whose format its name tells.
  ///
  /// - Throws: ``PackageError`` when the file cannot be read, is no archive of its format, exceeds a
  ///   limit or changes meanwhile.
  public mutating func contents(
    of path: FilePath, format: ArchiveName.Format
  ) throws(PackageError) -> PackageContents {
    let descriptor = try open(path)
    let before = try status(of: descriptor, path)
    guard before.kind == .regular else {
      throw PackageError(.unreadable, path, "not a regular file")
    }
    guard before.size > 0 else { throw PackageError(.damaged, path, "an empty file") }

    try digest(descriptor, size: before.size, path: path)
    observer(path)
    let members: [MetadataMember: [UInt8]]
    do throws(ArchiveError) {
      members = try self.members(of: descriptor, size: before.size, format: format)
    } catch {
      // What is still being written looks damaged.
      try requireUnchanged(descriptor, since: before, path)
      switch error {
      case .damaged where isPointer(size: before.size):
        throw PackageError(.damaged, path, "a Git LFS pointer, not the package it stands for")
      case .damaged:
        throw PackageError(.damaged, path, "not a readable \(format.rawValue): \(error)")
      case .limitExceeded: throw PackageError(.limitExceeded, path, "\(error)")
      }
    }
    try requireUnchanged(descriptor, since: before, path)
    if format == .tarBz2 { try requireComplete(descriptor, size: before.size, path) }
    return PackageContents(
      size: before.size, sha256: sha256.finish(), md5: md5.finish(), members: members,
      status: before)
  }

  private borrowing func open(_ path: FilePath) throws(PackageError) -> Descriptor {
    do throws(Errno) {
      // Not blocking: a pipe under a package's name must not hold the reader up.
      return try Descriptor(opening: path, options: .nonBlocking)
    } catch .noSuchFileOrDirectory where (try? FileStatus(of: path, followingLinks: false)) == nil {
      throw PackageError(.vanished, path, "deleted meanwhile")
    } catch {
      throw PackageError(.unreadable, path, "cannot be opened: \(error)")
    }
  }

  private borrowing func status(
    of descriptor: borrowing Descriptor, _ path: FilePath
  ) throws(PackageError) -> FileStatus {
    do throws(Errno) {
      return try FileStatus(of: descriptor.raw)
    } catch {
      throw PackageError(.unreadable, path, "cannot be looked at: \(error)")
    }
  }

  private borrowing func requireUnchanged(
    _ descriptor: borrowing Descriptor, since before: FileStatus, _ path: FilePath
  ) throws(PackageError) {
    guard try status(of: descriptor, path) == before else {
      throw PackageError(.changedWhileRead, path, "changed while it was read")
    }
  }

  private borrowing func requireComplete(
    _ descriptor: borrowing Descriptor, size: Int, _ path: FilePath
  ) throws(PackageError) {
    let length = min(size, TarBz2Format.tailLength)
    // What the buffer held is done with.
    let tail = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
    guard (try? descriptor.read(into: tail, at: size - length)) == length,
      TarBz2Format.isComplete(tail: UnsafeRawBufferPointer(tail))
    else { throw PackageError(.damaged, path, "cut short: its bzip2 stream has no end") }
  }

  /// Whether the buffer holds what Git LFS leaves in the place of a file it did not fetch.
  private borrowing func isPointer(size: Int) -> Bool {
    size < 1024 && buffer[..<size].starts(with: "version https://git-lfs.github.com/".utf8)
  }

  /// Feeds all of the file to the digests; a small file is left whole in the buffer.
  private borrowing func digest(
    _ descriptor: borrowing Descriptor, size: Int, path: FilePath
  ) throws(PackageError) {
    // Digests of a file that failed half-way must not leak into the next one.
    _ = md5.finish()
    _ = sha256.finish()
    let piece =
      size <= buffer.count ? buffer : UnsafeMutableRawBufferPointer(rebasing: buffer[..<(1 << 20)])
    var offset = 0
    while offset < size {
      let count: Int
      do throws(Errno) {
        count = try descriptor.read(into: piece, at: offset)
      } catch {
        throw PackageError(.unreadable, path, "cannot be read: \(error)")
      }
      guard count > 0 else {
        throw PackageError(.changedWhileRead, path, "became shorter while it was read")
      }
      let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
      md5.update(bytes)
      sha256.update(bytes)
      offset += count
    }
  }

  private borrowing func members(
    of descriptor: borrowing Descriptor, size: Int, format: ArchiveName.Format
  ) throws(ArchiveError) -> [MetadataMember: [UInt8]] {
    let whole = size <= buffer.count ? UnsafeRawBufferPointer(rebasing: buffer[..<size]) : nil
    switch format {
    case .conda:
      var archive =
        if let whole {
          try ZipStream.reading(whole)
        } else {
          try ZipStream.reading(descriptor.raw)
        }
      return try CondaFormat.members(of: &archive, with: unpacker, limits: limits)
    case .tarBz2:
      let limit = max(limits.archive, size.multipliedReportingOverflow(by: 100).partialValue)
      if let whole { unpacker.open(bzip2: whole) } else { unpacker.open(bzip2: descriptor.raw) }
      var archive = TarStream(from: unpacker, limit: limit)
      return try InfoMembers.read(from: &archive, limits: limits)
    }
  }
}
