internal import CArchive
internal import Glibc
package import SystemPackage

/// Why an archive could not be read on.
package enum ArchiveError: Error, Sendable, Hashable, CustomStringConvertible {
  /// libarchive's own words.
  case damaged(String)
  /// A limit, in bytes, and what it bounds.
  case limitExceeded(what: String, bytes: Int)

  package var description: String {
    switch self {
    case .damaged(let reason): reason
    case .limitExceeded(let what, let bytes): "\(what) is larger than the limit of \(bytes) bytes"
    }
  }
}

/// One pass over the members of an archive, by libarchive.
///
/// Nothing is extracted: members are skipped or read into memory, within limits.
package struct ArchiveStream: ~Copyable {
  /// The container and its compression.
  package enum Container: Sendable {
    case zip, tarBzip2, tarZstandard
  }

  private let archive: OpaquePointer
  private let container: Container
  private let limit: Int
  private var entry: OpaquePointer?

  /// Reads an archive that lies in memory; `bytes` must outlive the stream.
  package static func open(
    _ container: Container, in bytes: UnsafeRawBufferPointer, limit: Int
  ) throws(ArchiveError) -> ArchiveStream {
    let stream = try ArchiveStream(container, limit: limit)
    try stream.check(archive_read_open_memory(stream.archive, bytes.baseAddress, bytes.count))
    return stream
  }

  /// Reads an archive from a file's beginning; `descriptor` must outlive the stream.
  package static func open(
    _ container: Container, from descriptor: FileDescriptor, limit: Int
  ) throws(ArchiveError) -> ArchiveStream {
    let stream = try ArchiveStream(container, limit: limit)
    try stream.check(archive_read_open_fd(stream.archive, descriptor.rawValue, 1 << 16))
    return stream
  }

  /// Reads an archive that is the current member of another one; `outer` must outlive the stream.
  package static func open(
    _ container: Container, within outer: borrowing ArchiveStream, limit: Int
  ) throws(ArchiveError) -> ArchiveStream {
    let stream = try ArchiveStream(container, limit: limit)
    let source = Unmanaged.passRetained(InnerSource(outer.archive, limit: limit))
    try stream.check(
      archive_read_open2(
        stream.archive, source.toOpaque(), nil,
        { inner, context, block in
          guard let context else { return -1 }
          return Unmanaged<InnerSource>.fromOpaque(context).takeUnretainedValue()
            .read(into: block, for: inner)
        }, nil,
        { _, context in
          if let context { Unmanaged<InnerSource>.fromOpaque(context).release() }
          return ARCHIVE_OK
        }))
    return stream
  }

  /// The member of one archive that another one is read from.
  private final class InnerSource {
    private let outer: OpaquePointer
    private let limit: Int
    private var passed = 0

    init(_ outer: OpaquePointer, limit: Int) {
      self.outer = outer
      self.limit = limit
    }

    /// The next bytes of the member.
    ///
    /// They are bounded too: a member that is itself compressed can hold gigabytes that unpack to
    /// nothing.
    func read(
      into block: UnsafeMutablePointer<UnsafeRawPointer?>?, for inner: OpaquePointer?
    ) -> Int {
      var size = 0
      var offset: la_int64_t = 0
      let status = archive_read_data_block(outer, block, &size, &offset)
      if status == ARCHIVE_EOF { return 0 }
      passed += size
      if status < ARCHIVE_WARN {
        carchive_set_error(inner, ArchiveStream.message(of: outer))
        return -1
      }
      guard passed <= limit else {
        carchive_set_error(inner, "the packed archive is larger than the limit of \(limit) bytes")
        return -1
      }
      return size
    }
  }

  private init(_ container: Container, limit: Int) throws(ArchiveError) {
    guard let archive = archive_read_new() else { throw .damaged("no memory for an archive") }
    self.archive = archive
    self.container = container
    self.limit = limit
    switch container {
    case .zip:
      archive_read_support_format_zip_seekable(archive)
    case .tarBzip2:
      archive_read_support_format_tar(archive)
      archive_read_support_filter_bzip2(archive)
    case .tarZstandard:
      archive_read_support_format_tar(archive)
      archive_read_support_filter_zstd(archive)
    }
  }

  deinit {
    archive_read_free(archive)
  }

  /// Goes to the next regular file; false at the archive's end.
  package mutating func next() throws(ArchiveError) -> Bool {
    while true {
      if entry != nil { try skip() }
      entry = nil
      let status = archive_read_next_header(archive, &entry)
      // At the end too: zeros are an empty tar, whatever should have been compressed.
      if status >= ARCHIVE_WARN { try checkFilter() }
      if status == ARCHIVE_EOF { return false }
      try check(status)
      guard let entry else { return false }
      if archive_entry_filetype(entry) == S_IFREG, archive_entry_hardlink(entry) == nil {
        return true
      }
    }
  }

  /// The current member's name, in the archive's own bytes; a leading `./` is left out.
  package var name: [UInt8] {
    // What the process's locale cannot spell comes back in UTF-8 only.
    guard let entry,
      let name = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry)
    else { return [] }
    let length = strlen(name)
    let bytes = UnsafeRawBufferPointer(start: name, count: length)
    return [UInt8](bytes.starts(with: "./".utf8) ? bytes.dropFirst(2) : bytes[...])
  }

  /// All bytes of the current member.
  package mutating func contents(limit: Int) throws(ArchiveError) -> [UInt8] {
    var contents: [UInt8] = []
    try forEachBlock { (block) throws(ArchiveError) in
      guard contents.count + block.count <= limit else {
        throw .limitExceeded(what: String(decoding: name, as: UTF8.self), bytes: limit)
      }
      contents.append(contentsOf: block)
    }
    entry = nil
    return contents
  }

  /// Passes over the current member's bytes, which the limit must bound here too: a few kilobytes
  /// can unpack to terabytes that nobody asked for.
  private mutating func skip() throws(ArchiveError) {
    if container == .zip { return }
    try forEachBlock { (_) throws(ArchiveError) in }
  }

  private func forEachBlock(
    _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    while true {
      var start: UnsafeRawPointer?
      var size = 0
      var offset: la_int64_t = 0
      let status = archive_read_data_block(archive, &start, &size, &offset)
      if status == ARCHIVE_EOF { return }
      try check(status)
      guard archive_filter_bytes(archive, 0) <= la_int64_t(limit) else {
        throw .limitExceeded(what: "the unpacked archive", bytes: limit)
      }
      try body(UnsafeRawBufferPointer(start: start, count: size))
    }
  }

  /// libarchive also accepts a tar that is not compressed at all, which clients do not.
  private func checkFilter() throws(ArchiveError) {
    let filter = archive_filter_code(archive, 0)
    switch container {
    case .zip: break
    case .tarBzip2 where filter != ARCHIVE_FILTER_BZIP2: throw .damaged("not compressed with bzip2")
    case .tarZstandard where filter != ARCHIVE_FILTER_ZSTD:
      throw .damaged("not compressed with Zstandard")
    case .tarBzip2, .tarZstandard: break
    }
  }

  private func check(_ status: CInt) throws(ArchiveError) {
    if status >= ARCHIVE_WARN { return }
    throw .damaged(Self.message(of: archive))
  }

  private static func message(of archive: OpaquePointer?) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "not a readable archive"
  }
}
