/// One field of a request or a response.
///
/// RFC 9110 section 5.
public struct HTTPField: Sendable, Hashable {
  /// The name, in whatever case it was written.
  public var name: String
  /// The bytes of the value, without white space at either end.
  public var value: [UInt8]

  /// Creates a field.
  public init(_ name: String, _ value: String) {
    self.init(name, bytes: Array(value.utf8))
  }

  /// Creates a field from the bytes of its value.
  public init(_ name: String, bytes value: [UInt8]) {
    self.name = name
    self.value = value
  }

  /// The value as text; bytes that are not UTF-8 are replaced.
  public var text: String { String(decoding: value, as: UTF8.self) }

  func isCalled(_ other: String) -> Bool {
    name.utf8.lazy.map(\.lowercased).elementsEqual(other.utf8.lazy.map(\.lowercased))
  }

  /// Whether the field can be sent without being taken for more than one.
  var isValid: Bool {
    !name.isEmpty && name.utf8.allSatisfy(\.isTokenCharacter)
      && value.allSatisfy(\.isFieldContent)
  }
}
