package import SystemPackage

/// Why bytes could not be unpacked with bzip2.
package enum Bzip2Error: Error, Sendable, Hashable, CustomStringConvertible {
  /// They do not begin as a bzip2 stream does.
  case notBzip2
  /// They end before the stream does.
  case cutShort
  /// What the format does not allow.
  case malformed(Fault)
  /// They cannot be read from their file.
  case unreadable(Errno)

  /// What is wrong with a stream.
  package enum Fault: String, Sendable {
    case blockMark = "a block begins with no mark"
    case blockChecksum = "the checksum of a block does not match"
    case streamChecksum = "the checksum of the stream does not match"
    case alphabet = "a block without bytes"
    case selectors = "an impossible choice of codes"
    case codeLength = "an impossible length of a code"
    case code = "bits that stand for nothing"
    case size = "a block larger than was declared"
    case origin = "a block that begins outside of itself"
    case run = "a run of bytes without a length"
  }

  package var description: String {
    switch self {
    case .notBzip2: "not compressed with bzip2"
    case .cutShort: "the bzip2 stream is cut short"
    case .malformed(let fault): "a damaged bzip2 stream: \(fault.rawValue)"
    case .unreadable(let errno): "cannot be read: \(errno)"
    }
  }
}
