import ChannelCore
import Testing

@Suite struct PackageRecordTests {
  private static let required = [
    "name": #""a""#, "version": #""1.0""#, "build": #""0""#, "build_number": "0",
  ]

  /// The record of an `index.json` with the required fields and `fields`, but for `missing`.
  private func record(
    _ fields: [String: String] = [:], without missing: String? = nil
  ) throws -> PackageRecord {
    let members = Self.required.merging(fields) { _, given in given }.filter { $0.key != missing }
    let text = members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    return try PackageRecord(indexJSON: Array("{\(text)}".utf8))
  }

  private func text(_ record: PackageRecord) -> String {
    String(decoding: JSONWriter.bytes(of: .object(record.fields)), as: UTF8.self)
  }

  @Test func `an ordinary index.json is read`() throws {
    let record = try record([
      "depends": #"["b >=1,<2","c 1.0.* py*"]"#, "build_number": "7", "subdir": #""linux-64""#,
      "license": #""MIT""#, "timestamp": "1600000000000", "noarch": #""python""#,
    ])
    #expect(record.name == "a")
    #expect(record.version == "1.0")
    #expect(record.build == "0")
    #expect(record.buildNumber == 7)
    #expect(record.depends == ["b >=1,<2", "c 1.0.* py*"])
    #expect(
      text(record)
        == #"{"build":"0","build_number":7,"depends":["b >=1,<2","c 1.0.* py*"],"license":"MIT","#
        + #""name":"a","noarch":"python","subdir":"linux-64","timestamp":1600000000000,"#
        + #""version":"1.0"}"#)
  }

  @Test func `the least that is accepted has four fields`() throws {
    let record = try record()
    #expect(record.depends == nil)
    #expect(text(record) == #"{"build":"0","build_number":0,"name":"a","version":"1.0"}"#)
  }

  @Test(arguments: required.keys.sorted())
  func `each required field must be there`(field: String) {
    let error = #expect(throws: RecordError.self) { try record(without: field) }
    #expect(error?.description == "\"\(field)\": missing")
  }

  @Test(
    arguments: ["name", "version", "build"], ["null", "1", "true", "[]", "{}", #"["a"]"#, #""""#])
  func `each required text must be a text that says something`(field: String, value: String) {
    let error = #expect(throws: RecordError.self) { try record([field: value]) }
    #expect(error?.field == field)
  }

  @Test(arguments: [
    "null", #""0""#, "-1", "1.0", "1.5", "1e2", "true", "[]", "99999999999999999999",
  ])
  func `the build number must be a whole number`(value: String) {
    let error = #expect(throws: RecordError.self) { try record(["build_number": value]) }
    #expect(error?.field == "build_number")
  }

  @Test(arguments: ["1..0", "not a version", "1.0-1", " "])
  func `the version must be one that clients can order`(version: String) {
    let error = #expect(throws: RecordError.self) { try record(["version": "\"\(version)\""]) }
    #expect(error?.field == "version")
    #expect(error?.reason.contains(version) == true)
  }

  @Test(
    arguments: ["depends", "constrains"],
    [#""b""#, "1", "null", "{}", "[1]", "[null]", #"["b",[]]"#])
  func `lists of match specs hold nothing but strings`(field: String, value: String) {
    let error = #expect(throws: RecordError.self) { try record([field: value]) }
    #expect(error?.field == field)
  }

  @Test(arguments: [
    ("subdir", "1"), ("license", "[]"), ("license_family", "true"), ("features", "{}"),
    ("timestamp", "-1"), ("timestamp", "1.5"), ("timestamp", #""2020-01-01""#),
    ("timestamp", "253402207200001"), ("noarch", #""java""#), ("noarch", "1"),
    ("track_features", "1"), ("track_features", "[1]"), ("track_features", "{}"),
    ("purls", #""a""#),
  ])
  func `a type at which a client stops is refused`(field: String, value: String) {
    let error = #expect(throws: RecordError.self) { try record([field: value]) }
    #expect(error?.field == field)
  }

  @Test(arguments: [
    ("license", "null"), ("noarch", "true"), ("noarch", "false"), ("noarch", "null"),
    ("noarch", #""generic""#), ("track_features", #""a b""#), ("track_features", #"["a","b"]"#),
    ("timestamp", "0"), ("timestamp", "1600000000"), ("timestamp", "253402207200000"),
    ("constrains", "[]"), ("depends", "[]"), ("purls", #"["pkg:pypi/a"]"#),
    ("unknown", #"{"b":1.50,"a":[null]}"#), ("preferred_env", "null"), ("\\u00e9", #""\u00e9""#),
  ])
  func `what clients accept is kept as it is`(field: String, value: String) throws {
    let text = text(try record([field: value]))
    let expected = value == #"{"b":1.50,"a":[null]}"# ? #"{"a":[null],"b":1.50}"# : value
    #expect(text.contains("\"\(field)\":\(expected)"))
  }

  @Test(arguments: [
    "attestations_sha256", "channel", "fn", "indexed_timestamp", "legacy_bz2_md5",
    "legacy_bz2_size", "md5", "removed", "revoked", "run_exports", "sha256", "size", "url",
  ])
  func `what only a channel may say is never taken from a package`(field: String) throws {
    for value in ["1", #""forged""#, "{}", "null"] {
      #expect(try record([field: value]) == record())
    }
  }

  /// The fields that conda's own indexer drops.
  @Test(arguments: [
    "arch", "binstar", "has_prefix", "machine", "mtime", "operatingsystem", "platform",
    "requires_features", "target-triplet", "ucs",
  ])
  func `what only concerns the build is dropped`(field: String) throws {
    #expect(try record([field: #""x""#]) == record())
  }

  @Test func `a name escaped in the package is still the channel's`() throws {
    #expect(try record([#"\u006dd5"#: #""forged""#]) == record())
  }

  @Test func `of two fields with one name the last counts`() throws {
    let text = #"{"name":1,"version":"1","build":"0","build_number":0,"name":"b"}"#
    #expect(try PackageRecord(indexJSON: Array(text.utf8)).name == "b")
  }

  @Test(arguments: [
    ("", "invalid JSON at byte 0"), ("[]", "an array where an object should be"),
    ("null", "null where"), (#""a""#, "a string where"), ("{", "invalid JSON"),
    (#"{"name":"a","version":"1","build":"0","build_number":NaN}"#, "invalid JSON"),
  ])
  func `what is no JSON object is refused in words`(text: String, reason: String) {
    let error = #expect(throws: RecordError.self) { try PackageRecord(indexJSON: Array(text.utf8)) }
    #expect(error?.field == nil)
    #expect(error?.description.contains(reason) == true)
  }

  @Test func `a published record has the channel's four fields, canonical`() throws {
    let record = try record(["md5": #""forged""#, "zz": "1", "depends": #"["é"]"#])
    let bytes = record.published(
      size: 10, md5: Digest(bytes: [0xAB]), sha256: Digest(bytes: [0x01])
    ).json(indexedTimestamp: 5)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"build":"0","build_number":0,"depends":["\u00e9"],"indexed_timestamp":5,"md5":"ab","#
        + #""name":"a","sha256":"01","size":10,"version":"1.0","zz":1}"#)
  }
}
