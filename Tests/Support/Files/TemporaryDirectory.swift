internal import ChannelSystem
internal import Glibc
package import SystemPackage

/// A fresh directory that is removed with everything in it when the last reference goes.
///
/// A class so that a suite can hold it in a stored property.
package final class TemporaryDirectory: Sendable {
  package let path: FilePath

  package init() throws(Errno) {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array(FilePath(base).appending("channel-test-XXXXXX").string.utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
    path = FilePath(String(decoding: bytes, as: UTF8.self))
  }

  deinit {
    try? path.removeRecursively()
  }

  /// A path below this directory.
  package func callAsFunction(_ relative: String) -> FilePath {
    path.appending(relative)
  }
}
