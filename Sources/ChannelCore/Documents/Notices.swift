public import SystemPackage

/// `notices.json`: messages of an operator that clients show (CEP 6).
public struct Notices: Sendable, Hashable {
  /// The document's bytes.
  let document: [UInt8]

  private static let fields: Set<String> = [
    "created_at", "expired_at", "expires_at", "id", "interval", "level", "message",
  ]
  private static let levels: Set<String> = ["critical", "info", "warning"]

  /// Reads a file of notices, in JSON or YAML: an object with a list `notices`, or the list alone.
  ///
  /// - Throws: ``ChannelError`` which names the notice and its field when clients could not show it.
  public init(contentsOf path: FilePath) throws(ChannelError) {
    let value = try OptionFile.value(at: path)
    guard case .array(let notices)? = value.object?["notices"] ?? .some(value) else {
      throw ChannelError(path, "\(value.kind) where a list of notices should be")
    }
    var seen: Set<String> = []
    var published: [JSONValue] = []
    for (index, notice) in notices.enumerated() {
      do throws(RecordError) {
        let (id, object) = try Self.published(notice)
        guard seen.insert(id).inserted else {
          throw RecordError(field: "id", reason: "\"\(id)\" stands there twice")
        }
        published.append(.object(object))
      } catch {
        throw ChannelError(path, "notice \(index + 1): \(error)")
      }
    }
    document = JSONWriter.bytes(of: .object(["notices": .array(published)])) + Array("\n".utf8)
  }

  /// A notice as it is published: its times in UTC, in the one form that every client reads.
  private static func published(
    _ notice: JSONValue
  ) throws(RecordError) -> (id: String, JSONObject) {
    guard var object = notice.object else {
      throw RecordError(field: nil, reason: "\(notice.kind), not an object")
    }
    if let unknown = object.members.first(where: { !fields.contains($0.name) }) {
      throw RecordError(field: unknown.name, reason: "not a field of a notice")
    }
    let id = try text("id", of: object)
    _ = try text("message", of: object)
    guard levels.contains(try text("level", of: object)) else {
      throw RecordError(field: "level", reason: "none of info, warning and critical")
    }
    let created = try time("created_at", of: object)
    let name = object["expires_at"] == nil ? "expired_at" : "expires_at"
    guard object[name] != nil else { throw RecordError(field: "expires_at", reason: "missing") }
    let expires = try time(name, of: object)
    guard created < expires else {
      throw RecordError(field: name, reason: "not later than \"created_at\"")
    }
    if let other = object["expired_at"], name == "expires_at",
      other.string.flatMap(RFC3339.milliseconds(of:)) != expires
    {
      throw RecordError(field: "expired_at", reason: "not the same as \"expires_at\"")
    }
    if let interval = object["interval"], (interval.integer ?? -1) < 0 {
      throw RecordError(field: "interval", reason: "not a whole number from 0")
    }
    object["created_at"] = .string(RFC3339.text(milliseconds: created, utc: "+00:00"))
    // The proposal's name, and the one that conda reads.
    for name in ["expires_at", "expired_at"] {
      object[name] = .string(RFC3339.text(milliseconds: expires, utc: "+00:00"))
    }
    return (id, object)
  }

  private static func text(_ name: String, of object: JSONObject) throws(RecordError) -> String {
    guard let value = object[name] else { throw RecordError(field: name, reason: "missing") }
    guard let text = value.string, !text.isEmpty else {
      throw RecordError(field: name, reason: "\(value) is not a text")
    }
    return text
  }

  private static func time(_ name: String, of object: JSONObject) throws(RecordError) -> Int {
    let text = try text(name, of: object)
    guard let milliseconds = RFC3339.milliseconds(of: text) else {
      throw RecordError(
        field: name, reason: "\"\(text)\" is not a time such as 2026-11-22T08:00:46Z")
    }
    return milliseconds
  }
}
