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
  private let archive: OpaquePointer
  private let limit: Int
  private let unpacker: Unpacker?
  private var entry: OpaquePointer?

  /// Reads a ZIP archive that lies in memory; `bytes` must outlive the stream.
  package static func zip(
    in bytes: UnsafeRawBufferPointer
  ) throws(ArchiveError) -> ArchiveStream {
    let stream = try ArchiveStream(unpacker: nil, limit: .max)
    try stream.check(archive_read_open_memory(stream.archive, bytes.baseAddress, bytes.count))
    return stream
  }

  /// Reads a ZIP archive from a file's beginning; `descriptor` must outlive the stream.
  package static func zip(
    from descriptor: FileDescriptor
  ) throws(ArchiveError) -> ArchiveStream {
    let stream = try ArchiveStream(unpacker: nil, limit: .max)
    try stream.check(archive_read_open_fd(stream.archive, descriptor.rawValue, 1 << 16))
    return stream
  }

  /// Reads a tar of at most `limit` bytes that `unpacker` unpacks.
  package static func tar(
    from unpacker: Unpacker, limit: Int
  ) throws(ArchiveError) -> ArchiveStream {
    let stream = try ArchiveStream(unpacker: unpacker, limit: limit)
    try stream.check(
      archive_read_open2(
        stream.archive, Unmanaged.passUnretained(unpacker).toOpaque(), nil,
        { archive, context, block in
          guard let context else { return -1 }
          let unpacker = Unmanaged<Unpacker>.fromOpaque(context).takeUnretainedValue()
          do throws(ArchiveError) {
            let bytes = try unpacker.next()
            block?.pointee = bytes.baseAddress
            return bytes.count
          } catch {
            carchive_set_error(archive, "\(error)")
            return -1
          }
        }, nil, nil))
    return stream
  }

  private init(unpacker: Unpacker?, limit: Int) throws(ArchiveError) {
    guard let archive = archive_read_new() else { throw .damaged("no memory for an archive") }
    self.archive = archive
    self.unpacker = unpacker
    self.limit = limit
    if unpacker != nil {
      archive_read_support_format_tar(archive)
    } else {
      archive_read_support_format_zip_seekable(archive)
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
    guard unpacker != nil else { return }
    try forEachBlock { (_) throws(ArchiveError) in }
  }

  private func forEachBlock(
    _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    while let block = try Self.nextBlock(of: archive) {
      guard archive_filter_bytes(archive, 0) <= la_int64_t(limit) else {
        throw .limitExceeded(what: "the unpacked archive", bytes: limit)
      }
      try body(block)
    }
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
      while let block = try ArchiveStream.nextBlock(of: archive) {
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

  private func check(_ status: CInt) throws(ArchiveError) {
    if status >= ARCHIVE_WARN { return }
    throw .damaged(Self.message(of: archive))
  }

  private static func message(of archive: OpaquePointer?) -> String {
    archive_error_string(archive).map { String(cString: $0) } ?? "not a readable archive"
  }
}
