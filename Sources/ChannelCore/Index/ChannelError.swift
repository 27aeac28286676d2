public import SystemPackage

/// Why a channel, or one of its subdirs, could not be indexed at all.
public struct ChannelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file or directory concerned.
  public let path: FilePath
  /// What is wrong and, where there is something to do about it, what.
  public let reason: String

  package init(_ path: FilePath, _ reason: String) {
    self.path = path
    self.reason = reason
  }

  /// One line: the path and the reason.
  public var description: String { "\(path): \(reason)" }
}
