/// Bytes that nobody must get to see.
///
/// It describes itself as such, so that no message or log can show it by mistake.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The bytes.
  public let bytes: [UInt8]

  /// Wraps bytes.
  public init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  /// Wraps a text's UTF-8.
  public init(_ text: String) {
    self.init(text.utf8)
  }

  /// Says that there is a secret and nothing about it.
  public var description: String { "(secret)" }

  /// Says that there is a secret and nothing about it.
  public var debugDescription: String { description }

  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// Whether a client has put stars in the place of what it would not show.
  ///
  /// mamba does so with what it takes for the text of a message and then sends.
  public var isMasked: Bool {
    !bytes.isEmpty && bytes.allSatisfy { $0 == ASCII.asterisk }
  }

  /// Compares bytes in a time that depends on their number alone.
  public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return left.indices.reduce(UInt8(0)) { $0 | left[$1] ^ right[$1] } == 0
  }
}
