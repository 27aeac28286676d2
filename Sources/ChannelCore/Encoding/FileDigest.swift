package import ChannelSystem
package import SystemPackage

extension Digest {
  /// The SHA-256 digest of what an open file holds from its beginning on; all of it is written to `copy` too.
  package static func sha256(
    of file: borrowing Descriptor, copyingTo copy: borrowing Descriptor
  ) throws(Errno) -> Digest {
    try sha256(of: file) { (bytes) throws(Errno) in try copy.writeAll(bytes) }
  }

  /// The SHA-256 digest of what an open file holds from its beginning on; `visit` gets the pieces.
  package static func sha256(
    of file: borrowing Descriptor,
    visit: (UnsafeRawBufferPointer) throws(Errno) -> Void = { (_) throws(Errno) in }
  ) throws(Errno) -> Digest {
    let stream = DigestStream(.sha256)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { piece.deallocate() }
    var offset = 0
    while true {
      let count = try file.read(into: piece, at: offset)
      if count == 0 { return stream.finish() }
      let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
      stream.update(bytes)
      try visit(bytes)
      offset += count
    }
  }

  /// The SHA-256 digest of a file.
  package static func sha256(ofFileAt path: FilePath) throws(Errno) -> Digest {
    // Not blocking: a pipe under a file's name must not hold the reader up.
    let file = try Descriptor(opening: path, options: .nonBlocking)
    guard try FileStatus(of: file.raw).kind == .regular else { throw .invalidArgument }
    return try sha256(of: file)
  }
}
