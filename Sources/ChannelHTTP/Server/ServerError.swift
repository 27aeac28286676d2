internal import SystemPackage

/// Why a server could not start.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: Sendable, Hashable {
    /// The folder, or the access log's file, cannot be opened.
    case path
    /// The address cannot be listened on.
    case address
    /// The configuration contradicts itself.
    case configuration
    /// The system refused what every server needs.
    case system
  }

  /// The kind of failure.
  public let code: Code
  /// What it was about: a path, an address, an option.
  public let subject: String
  /// What the system or the server says of it.
  public let reason: String

  /// Creates an error, as what runs within a server's start may want to.
  public init(_ code: Code, _ subject: String, _ reason: String) {
    self.code = code
    self.subject = subject
    self.reason = reason
  }

  /// One line for people.
  public var description: String { "\(subject): \(reason)" }
}
