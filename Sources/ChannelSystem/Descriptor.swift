internal import CLinux
internal import Glibc
package import SystemPackage

/// A file descriptor with one owner, closed when the owner goes away.
package struct Descriptor: ~Copyable, Sendable {
  package let raw: FileDescriptor

  package init(owning raw: FileDescriptor) {
    self.raw = raw
  }

  package init(owning raw: CInt) {
    self.raw = FileDescriptor(rawValue: raw)
  }

  deinit {
    _ = Glibc.close(raw.rawValue)
  }

  /// Gives the descriptor away without closing it.
  package consuming func release() -> FileDescriptor {
    let raw = raw
    discard self
    return raw
  }

  /// Opens a file or directory for reading.
  ///
  /// The corresponding C function is `open`, always with `O_CLOEXEC`.
  package init(
    opening path: FilePath, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = .ownerReadWrite
  ) throws(Errno) {
    let flags = mode.rawValue | options.rawValue | O_CLOEXEC
    let raw = try path.withCPath { (name) throws(Errno) in
      try systemCall { Glibc.open(name, flags, permissions.rawValue) }
    }
    self.init(owning: raw)
  }

  /// Reads bytes from `offset` on; fewer than asked for only at the file's end.
  package borrowing func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(Errno) -> Int {
    try raw.read(into: buffer, at: offset)
  }

  /// All bytes of a regular file, as many as there are when it is read.
  package borrowing func readAll(limit: Int = 4 << 30) throws(Errno) -> [UInt8] {
    let status = try FileStatus(of: raw)
    guard status.kind == .regular else { throw .invalidArgument }
    // Room for one byte more, so that a file that does not grow is read in one go.
    var size = status.size + 1
    while true {
      guard size <= limit else { throw .fileTooLarge }
      var failure: Errno?
      let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        do throws(Errno) {
          count = try read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      if bytes.count < size { return bytes }
      size *= 2
    }
  }

  /// All bytes of the file at `path`; nil when there is none.
  ///
  /// Nothing is waited for: a pipe under the name of a file is an error like any other.
  package static func contents(of path: FilePath) throws(Errno) -> [UInt8]? {
    do throws(Errno) {
      return try Descriptor(opening: path, options: .nonBlocking).readAll()
    } catch .noSuchFileOrDirectory {
      return nil
    }
  }

  /// Writes all of `bytes` at the descriptor's position.
  package borrowing func writeAll(_ bytes: [UInt8]) throws(Errno) {
    try bytes.span.withUnsafeBytes { (bytes) throws(Errno) in try writeAll(bytes) }
  }

  /// Writes all of `bytes` at the descriptor's position.
  package borrowing func writeAll(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
    let raw = raw.rawValue
    var rest = bytes
    while !rest.isEmpty {
      let count = try systemCall { write(raw, rest.baseAddress, rest.count) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Makes this empty file share the bytes of another until one of both is written to; false where
  /// the file system cannot.
  ///
  /// The corresponding C call is `ioctl` with `FICLONE`.
  package borrowing func clone(_ other: borrowing Descriptor) -> Bool {
    clinux_clone_file(raw.rawValue, other.raw.rawValue) == 0
  }

  /// Lets everyone read the file, whatever else is allowed.
  ///
  /// The corresponding C function is `fchmod`.
  package borrowing func makeReadable() throws(Errno) {
    let raw = raw.rawValue
    _ = try systemCall { fchmod(raw, 0o644) }
  }

  /// Waits until what was written is on the disk.
  ///
  /// The corresponding C function is `fsync`.
  package borrowing func synchronize() throws(Errno) {
    _ = try systemCall { fsync(raw.rawValue) }
  }
}

extension FileDescriptor {
  /// Reads bytes from `offset` on; fewer than asked for only at the file's end.
  ///
  /// The corresponding C function is `pread`.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(Errno) -> Int {
    var total = 0
    while total < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[total...])
      let count = try systemCall {
        Glibc.pread(rawValue, rest.baseAddress, rest.count, off_t(offset + total))
      }
      if count == 0 { break }
      total += count
    }
    return total
  }
}
