/// One package as a channel's index lists it (CEP 36).
///
/// The fields are those of the package's own `info/index.json`, minus what only concerns its build
/// and minus what only a channel may say of a package. Fields unknown here are kept as they are.
public struct PackageRecord: Sendable, Hashable {
  /// The package's name, as the package spells it.
  public let name: String
  /// The version.
  public let version: String
  /// The build string.
  public let build: String
  /// The build number, which orders builds of one version.
  public let buildNumber: Int
  /// The dependencies, each a match spec, spelled as in the package; nil when the package has no
  /// such list.
  public let depends: [String]?
  /// All fields, as they will be published.
  public let fields: JSONObject

  /// Fields that concern the build of a package and no client.
  static let droppedFields: Set<String> = [
    "arch", "binstar", "has_prefix", "machine", "mtime", "operatingsystem", "platform",
    "requires_features", "target-triplet", "ucs",
  ]

  /// Fields that a channel says of a package; from inside a package they would be forgeries.
  static let channelFields: Set<String> = [
    "attestations_sha256", "channel", "fn", "indexed_timestamp", "legacy_bz2_md5",
    "legacy_bz2_size", "md5", "removed", "revoked", "run_exports", "sha256", "size", "url",
  ]

  /// Reads the record in the bytes of an `info/index.json`.
  ///
  /// - Throws: ``RecordError`` when the bytes are no JSON object or a field that every client reads
  ///   is missing or of another type than clients expect.
  public init(indexJSON bytes: [UInt8]) throws(RecordError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONReader.value(in: bytes)
    } catch {
      throw RecordError(field: nil, reason: "\(error)")
    }
    guard var fields = value.object else {
      throw RecordError(field: nil, reason: "\(value.kind) where an object should be")
    }
    fields.removeAll {
      Self.droppedFields.contains($0.name) || Self.channelFields.contains($0.name)
    }
    try self.init(fields: fields)
  }

  private init(fields: JSONObject) throws(RecordError) {
    self.fields = fields
    name = try fields.requiredString("name")
    version = try fields.requiredString("version")
    build = try fields.requiredString("build")
    guard PackageVersion(version) != nil else {
      throw RecordError(field: "version", reason: "\"\(version)\" is not a version (CEP 33)")
    }
    guard let number = fields["build_number"] else {
      throw RecordError(field: "build_number", reason: "missing")
    }
    guard let buildNumber = number.integer, buildNumber >= 0 else {
      throw RecordError(field: "build_number", reason: "\(number.kind), not a whole number from 0")
    }
    self.buildNumber = buildNumber
    depends = try fields.optionalStrings("depends")
    try fields.checkOptionalFields()
  }

  /// The record as the channel publishes it: the package's fields and what the channel says of it.
  package func published(
    size: Int, md5: Digest, sha256: Digest, indexedTimestamp: Int
  ) -> [UInt8] {
    var fields = fields
    fields["indexed_timestamp"] = .number(String(indexedTimestamp))
    fields["md5"] = .string(md5.description)
    fields["sha256"] = .string(sha256.description)
    fields["size"] = .number(String(size))
    return JSONWriter.bytes(of: .object(fields))
  }
}

/// Which field of a record clients could not read, and why.
public struct RecordError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The field's name; nil when the fault is the whole text's.
  public let field: String?
  /// What is wrong.
  public let reason: String

  /// One line for people.
  public var description: String { field.map { "\"\($0)\": \(reason)" } ?? reason }
}

extension JSONObject {
  fileprivate func requiredString(_ name: String) throws(RecordError) -> String {
    guard let value = self[name] else { throw RecordError(field: name, reason: "missing") }
    guard let string = value.string else {
      throw RecordError(field: name, reason: "\(value.kind), not a string")
    }
    guard !string.isEmpty else { throw RecordError(field: name, reason: "empty") }
    return string
  }

  fileprivate func optionalStrings(_ name: String) throws(RecordError) -> [String]? {
    guard let value = self[name] else { return nil }
    guard let strings = value.strings else {
      throw RecordError(field: name, reason: "\(value.kind), not an array of strings")
    }
    return strings
  }

  /// Refuses types at which at least one client stops reading the whole index.
  fileprivate func checkOptionalFields() throws(RecordError) {
    for name in ["constrains", "purls"] {
      _ = try optionalStrings(name)
    }
    for name in ["subdir", "license", "license_family", "features", "python_site_packages_path"] {
      guard let value = self[name], value != .null, value.string == nil else { continue }
      throw RecordError(field: name, reason: "\(value.kind), not a string")
    }
    if let value = self["timestamp"] {
      // Seconds or milliseconds since 1970, up to the year 9999.
      guard let timestamp = value.integer, (0...253_402_300_799_999).contains(timestamp) else {
        throw RecordError(field: "timestamp", reason: "not a point in time")
      }
    }
    switch self["noarch"] {
    case nil, .null, .bool, .string("generic"), .string("python"): break
    default: throw RecordError(field: "noarch", reason: "neither \"generic\" nor \"python\"")
    }
    if let value = self["track_features"], value.string == nil, value.strings == nil {
      throw RecordError(field: "track_features", reason: "\(value.kind), not a string or strings")
    }
  }
}
