internal import CArchive

/// Writes tar archives whose bytes depend on nothing but their members.
package enum TarFile {
  package enum Compression: Sendable, Hashable, CaseIterable {
    case none, bzip2, zstandard
  }

  /// The time every member is dated, in seconds since 1970: 2020-09-13 12:26:40 UTC.
  package static let memberTime = 1_600_000_000

  /// A whole tar of `members` in the order given.
  package static func bytes(
    of members: [ArchiveMember], compression: Compression
  ) throws(ArchiveWritingError) -> [UInt8] {
    let writer = try TarWriter()
    try writer.open(compression)
    for member in members { try writer.add(member) }
    return try writer.finish()
  }
}

/// The libarchive handle of one tar being written into memory.
private struct TarWriter: ~Copyable {
  private let archive: OpaquePointer
  private let output: Output

  /// Where libarchive's callback leaves the bytes.
  private final class Output {
    var bytes: [UInt8] = []
  }

  init() throws(ArchiveWritingError) {
    guard let archive = archive_write_new() else {
      throw ArchiveWritingError("libarchive: out of memory")
    }
    self.archive = archive
    output = Output()
  }

  deinit {
    archive_write_free(archive)
  }

  borrowing func open(_ compression: TarFile.Compression) throws(ArchiveWritingError) {
    try check(archive_write_set_format_pax_restricted(archive))
    switch compression {
    case .none:
      try check(archive_write_add_filter_none(archive))
    case .bzip2:
      try check(archive_write_add_filter_bzip2(archive))
      // Tests make thousands of packages; the smallest block size is the quickest.
      try check(archive_write_set_filter_option(archive, "bzip2", "compression-level", "1"))
    case .zstandard:
      try check(archive_write_add_filter_zstd(archive))
    }
    try check(archive_write_set_bytes_in_last_block(archive, 1))
    let context = Unmanaged.passUnretained(output).toOpaque()
    try check(
      archive_write_open(
        archive, context, nil,
        { _, context, bytes, count in
          guard let context, let bytes else { return -1 }
          let output = Unmanaged<Output>.fromOpaque(context).takeUnretainedValue()
          output.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
          return count
        }, nil))
  }

  borrowing func add(_ member: ArchiveMember) throws(ArchiveWritingError) {
    guard let entry = archive_entry_new() else {
      throw ArchiveWritingError("libarchive: out of memory")
    }
    defer { archive_entry_free(entry) }
    let name = member.name.map { CChar(bitPattern: $0) } + [0]
    archive_entry_copy_pathname(entry, name)
    archive_entry_set_mtime(entry, TarFile.memberTime, 0)
    archive_entry_set_perm(entry, member.isExecutable || member.kind == .directory ? 0o755 : 0o644)
    var content: [UInt8] = []
    switch member.kind {
    case .file:
      archive_entry_set_filetype(entry, UInt32(S_IFREG))
      content = member.content
    case .directory:
      archive_entry_set_filetype(entry, UInt32(S_IFDIR))
    case .symbolicLink(let target):
      archive_entry_set_filetype(entry, UInt32(S_IFLNK))
      archive_entry_copy_symlink(entry, target)
    }
    archive_entry_set_size(entry, Int64(content.count))
    try check(archive_write_header(archive, entry))
    let written = content.withUnsafeBytes {
      archive_write_data(archive, $0.baseAddress, $0.count)
    }
    guard written == content.count else { throw failure() }
  }

  consuming func finish() throws(ArchiveWritingError) -> [UInt8] {
    try check(archive_write_close(archive))
    return output.bytes
  }

  /// Names that are not ASCII draw a warning, which is no failure here.
  private borrowing func check(_ status: CInt) throws(ArchiveWritingError) {
    guard status >= ARCHIVE_WARN else { throw failure() }
  }

  private borrowing func failure() -> ArchiveWritingError {
    guard let text = archive_error_string(archive) else {
      return ArchiveWritingError("libarchive: unknown error")
    }
    return ArchiveWritingError("libarchive: \(String(cString: text))")
  }
}
