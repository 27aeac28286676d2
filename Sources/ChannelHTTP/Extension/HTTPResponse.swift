/// A response that an extension of the server gives.
///
/// The server adds what concerns the connection and the message: `Date`, `Connection`,
/// `Content-Length`. Fields of those names that the extension gives are passed over. Without a
/// `Cache-Control` of its own the response is kept by nobody.
public struct HTTPResponse: Sendable {
  /// What a response carries.
  public enum Body: Sendable {
    /// Bytes held in memory.
    case bytes([UInt8])
    /// The file with this path, anywhere on the machine, as it is when the response begins.
    case file(String)
  }

  /// The status code, from 200 to 599.
  public var status: Int
  /// The fields in the order in which they are sent.
  public var fields: [HTTPField]
  /// The content; a response to HEAD says how long it is and leaves it out.
  public var body: Body

  /// Creates a response.
  public init(_ status: Int = 200, fields: [HTTPField] = [], body: Body = .bytes([])) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// Creates a response with plain text.
  public init(_ status: Int = 200, text: String) {
    self.init(
      status, fields: [HTTPField("Content-Type", "text/plain; charset=utf-8")],
      body: .bytes(Array(text.utf8)))
  }

  /// Creates a response with JSON.
  public init(_ status: Int = 200, json: [UInt8]) {
    self.init(
      status, fields: [HTTPField("Content-Type", "application/json")], body: .bytes(json))
  }
}
