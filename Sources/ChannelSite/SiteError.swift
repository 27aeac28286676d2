package import SystemPackage

/// Why a file of the server's cannot be used.
package struct SiteError: Error, Sendable, Hashable, CustomStringConvertible {
  package let path: FilePath
  /// What is wrong and what to do about it.
  package let reason: String

  package init(_ path: FilePath, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  /// One line: the path and the reason.
  package var description: String { "\(path): \(reason)" }
}
