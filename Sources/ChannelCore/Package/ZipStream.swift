internal import CArchive
internal import Glibc
package import SystemPackage

/// One pass over the members of a ZIP archive, by libarchive.
///
/// Nothing is extracted: members are skipped or handed on a block at a time.
package struct ZipStream: ~Copyable {
  private let archive: OpaquePointer
  private var entry: OpaquePointer?

  /// Reads an archive that lies in memory; `bytes` must outlive the stream.
  package static func reading(
    _ bytes: UnsafeRawBufferPointer
  ) throws(ArchiveError) -> ZipStream {
    let stream = try ZipStream()
    try stream.check(archive_read_open_memory(stream.archive, bytes.baseAddress, bytes.count))
    return stream
  }

  /// Reads an archive from a file's beginning; `descriptor` must outlive the stream.
  package static func reading(_ descriptor: FileDescriptor) throws(ArchiveError) -> ZipStream {
    let stream = try ZipStream()
    try stream.check(archive_read_open_fd(stream.archive, descriptor.rawValue, 1 << 16))
    return stream
  }

  private init() throws(ArchiveError) {
    guard let archive = archive_read_new() else { throw .damaged("no memory for an archive") }
    self.archive = archive
    archive_read_support_format_zip_seekable(archive)
  }

  deinit {
    archive_read_free(archive)
  }

  /// Goes to the next regular file; false at the archive's end.
  package mutating func next() throws(ArchiveError) -> Bool {
    while true {
      entry = nil
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return false }
      try check(status)
      guard let entry else { return false }
      if archive_entry_filetype(entry) == S_IFREG { return true }
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

  /// The current member of an archive, which another one is packed in.
  package struct Member {
    private let archive: OpaquePointer
    private let limit: Int
    private var passed = 0

    fileprivate init(_ archive: OpaquePointer, limit: Int) {
      self.archive = archive
      self.limit = limit
    }

    /// The member's next bytes, good until the next call; none at its end.
    ///
    /// They are bounded too: a member that is itself compressed can hold gigabytes that unpack to
    /// nothing.
    package mutating func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
      // Members can have blocks without bytes.
      while let block = try ZipStream.nextBlock(of: archive) {
        passed += block.count
        guard passed <= limit else {
          throw .damaged("the packed archive is larger than the limit of \(limit) bytes")
        }
        if !block.isEmpty { return block }
      }
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
  }

  /// The current member, of at most `limit` bytes, which the stream must outlive.
  package borrowing func member(limit: Int) -> Member {
    Member(archive, limit: limit)
  }

  /// The next bytes of the current member, good until the next call; nil at its end.
  private static func nextBlock(
    of archive: OpaquePointer
  ) throws(ArchiveError) -> UnsafeRawBufferPointer? {
    var start: UnsafeRawPointer?
    var size = 0
    var offset: la_int64_t = 0
    let status = archive_read_data_block(archive, &start, &size, &offset)
    if status == ARCHIVE_EOF { return nil }
    if status < ARCHIVE_WARN { throw .damaged(message(of: archive)) }
    return UnsafeRawBufferPointer(start: start, count: size)
  }

  private func check(_ status: CInt) throws(ArchiveError) {
    if status >= ARCHIVE_WARN { return }
    throw .damaged(Self.message(of: archive))
  }

  private static func message(of archive: OpaquePointer?) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "not a readable archive"
  }
}
