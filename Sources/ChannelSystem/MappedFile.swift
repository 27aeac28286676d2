internal import Glibc
package import SystemPackage

/// A file's bytes, mapped into memory for reading.
///
/// Only for files that are replaced by rename and never cut short in place: reading beyond the end
/// of a file that shrank would end the process.
package struct MappedFile: ~Copyable, @unchecked Sendable {
  // Sendable although it holds a pointer: the mapping is private and nobody writes to it.
  private let buffer: UnsafeRawBufferPointer

  package init(_ path: FilePath) throws(Errno) {
    let descriptor = try Descriptor(opening: path)
    let size = try FileStatus(of: descriptor.raw).size
    guard size > 0 else {
      buffer = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor.raw.rawValue, 0)
    guard let start, start != MAP_FAILED else { throw Errno(rawValue: errno) }
    buffer = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit {
    if let start = buffer.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), buffer.count)
    }
  }

  package var count: Int { buffer.count }

  package borrowing func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(buffer)
  }
}
