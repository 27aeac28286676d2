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
  /// The dependencies of packages installed beside it; nil when the package has no such list.
  public let constrains: [String]?
  /// Which clients can use the package.
  public let revision: Revision
  /// All fields, as they will be published.
  public let fields: JSONObject

  /// The generation of the format that a record needs its reader to know (CEP 48).
  public enum Revision: UInt8, Sendable, Hashable {
    /// What every client reads.
    case legacy = 0
    /// Conditional dependencies, extras or flags (CEP 43, 44, 45), kept apart from the rest.
    case v3 = 3
  }

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
    try self.init(fields: fields, from: .legacy)
  }

  /// Reads a published record again, after some of its fields were amended.
  ///
  /// What once needed a newer reader is not offered to older ones: its match specs are spelled anew.
  ///
  /// - Throws: ``RecordError`` when a client could not read the record any more.
  init(amended fields: JSONObject, from revision: Revision) throws(RecordError) {
    try self.init(fields: fields, from: revision)
  }

  private init(fields: JSONObject, from oldest: Revision) throws(RecordError) {
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
    constrains = try fields.optionalStrings("constrains")
    try fields.checkOptionalFields()
    let needed = try fields.revision(depends: depends ?? [], constrains: constrains ?? [])
    revision = oldest == .v3 ? .v3 : needed
    self.fields = revision == .v3 ? try fields.respelledForRevision3() : fields
  }

  /// The record as the channel publishes it: the package's fields and what the channel says of it.
  package func published(size: Int, md5: Digest, sha256: Digest) -> PublishedRecord {
    var fields = fields
    fields["md5"] = .string(md5.description)
    fields["sha256"] = .string(sha256.description)
    fields["size"] = .number(String(size))
    return PublishedRecord(fields)
  }
}

/// A record's canonical JSON, complete but for the time of its first appearance.
package struct PublishedRecord: Sendable {
  private var json: [UInt8]
  private let timeOffset: Int

  fileprivate init(_ fields: JSONObject) {
    let name = "indexed_timestamp"
    var writer = JSONWriter()
    writer.raw("{")
    // The record has a name at least, so there is a member on each side of the time's.
    for member in fields.members where member.name.precedes(name) {
      writer.write(member.name)
      writer.raw(":")
      writer.write(member.value)
      writer.raw(",")
    }
    writer.write(name)
    writer.raw(":")
    timeOffset = writer.bytes.count
    for member in fields.members where name.precedes(member.name) {
      writer.raw(",")
      writer.write(member.name)
      writer.raw(":")
      writer.write(member.value)
    }
    writer.raw("}")
    json = writer.bytes
  }

  /// The JSON of a package that first appeared so many milliseconds after 1970.
  package func json(indexedTimestamp: Int) -> [UInt8] {
    json[..<timeOffset] + Array(String(indexedTimestamp).utf8) + json[timeOffset...]
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
    if let purls = self["purls"], purls != .null,
      try optionalStrings("purls")?.allSatisfy({ $0.hasPrefix("pkg:") }) != true
    {
      throw RecordError(field: "purls", reason: "not package URLs")
    }
    _ = try optionalStrings("flags")
    if let subdir = self["subdir"], subdir.string == nil {
      throw RecordError(field: "subdir", reason: "\(subdir.kind), not a string")
    }
    for name in ["license", "license_family", "features", "python_site_packages_path"] {
      guard let value = self[name], value != .null, value.string == nil else { continue }
      throw RecordError(field: name, reason: "\(value.kind), not a string")
    }
    if let value = self["timestamp"], value != .null {
      // Seconds or milliseconds since 1970, up to the last day of the year 9999 in any time zone.
      guard let timestamp = value.integer, (0...253_402_207_200_000).contains(timestamp) else {
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
    if let value = self["extra_depends"] {
      guard let extras = value.object, extras.members.allSatisfy({ $0.value.strings != nil })
      else { throw RecordError(field: "extra_depends", reason: "not an object of arrays") }
    }
  }

  // MARK: Revision 3

  /// What the package says it needs, or what its dependencies are found to need.
  fileprivate func revision(
    depends: [String], constrains: [String]
  ) throws(RecordError) -> PackageRecord.Revision {
    var needed = 0
    for name in ["repodata_revision", "schema_version"] {
      guard let value = self[name] else { continue }
      guard let revision = value.integer, revision <= 3 else {
        throw RecordError(field: name, reason: "newer than what any client reads")
      }
      needed = max(needed, revision)
    }
    let hasExtras = self["extra_depends"]?.object?.isEmpty == false
    let hasFlags = self["flags"]?.strings?.isEmpty == false
    // Only a spec with a bracket can hold a key; most have none, and need no reading.
    let hasKeys = (depends + constrains).contains { spec in
      spec.utf8.contains(UInt8(ascii: "[")) && MatchSpec(spec)?.needsRevision3 == true
    }
    return needed == 3 || hasExtras || hasFlags || hasKeys ? .v3 : .legacy
  }

  /// Revision 3 knows one spelling of a match spec.
  fileprivate func respelledForRevision3() throws(RecordError) -> JSONObject {
    var fields = self
    for name in ["depends", "constrains"] {
      guard let specs = self[name]?.strings else { continue }
      fields[name] = try Self.respelled(specs, field: name)
    }
    if let extras = self["extra_depends"]?.object {
      var respelled = JSONObject()
      for extra in extras.members {
        respelled[extra.name] = try Self.respelled(
          extra.value.strings ?? [], field: "extra_depends")
      }
      fields["extra_depends"] = .object(respelled)
    }
    return fields
  }

  private static func respelled(
    _ specs: [String], field: String
  ) throws(RecordError) -> JSONValue {
    var values: [JSONValue] = []
    for spec in specs {
      guard let parsed = MatchSpec(spec) else {
        throw RecordError(field: field, reason: "\"\(spec)\" is not a match spec")
      }
      values.append(.string(parsed.revision3Spelling))
    }
    return .array(values)
  }
}
