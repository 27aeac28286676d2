import ChannelCore
import Support
import SystemPackage
import Testing

/// What instructions make of records, the same in every document (CEP 21).
@Suite struct PatchedRecordTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    var blueprint = PackageBlueprint("a", depends: ["b >=1", "c"])
    blueprint.indexFields = [
      "license": #""MIT""#, "extra": #"{"kept":1,"other":{"x":1,"y":[1,2]}}"#,
      "timestamp": "1500000000000",
    ]
    blueprint.runExports = #"{"weak":["a >=1"],"strong":["a"]}"#
    for format in ArchiveName.Format.allCases { try channel.add(blueprint, format) }
    try channel.add(PackageBlueprint("other"))
  }

  private func field(_ name: String, of file: String = "a-1.0-0.conda") throws -> String? {
    try channel.record(file)?[name]?.description
  }

  // MARK: Merging

  @Test(arguments: [
    ("depends", #"["b >=2"]"#, #"["b >=2"]"#), ("depends", "[]", "[]"), ("depends", "null", "[]"),
    ("constrains", #"["d <3"]"#, #"["d <3"]"#), ("license", #""BSD-3-Clause""#, #""BSD-3-Clause""#),
    ("license", "null", nil), ("absent", "null", nil), ("new", #"{"a":null,"b":1}"#, #"{"b":1}"#),
    ("extra", #"{"other":{"x":null,"y":[3]}}"#, #"{"kept":1,"other":{"y":[3]}}"#),
    ("extra", #""plain""#, #""plain""#), ("extra", "null", nil),
    ("timestamp", "1600000000000", "1600000000000"), ("track_features", #""t""#, #""t""#),
    ("noarch", #""generic""#, #""generic""#), ("build_number", "7", "7"),
  ])
  func `a value replaces, an object merges and null deletes`(
    name: String, patch: String, expected: String?
  ) throws {
    try channel.index(
      patches: instructions(#""packages.conda":{"a-1.0-0.conda":{"\#(name)":\#(patch)}}"#))
    #expect(try field(name) == expected)
  }

  @Test func `only the fields that are named change, and only in the packages that are named`()
    throws
  {
    try channel.index()
    let before = try channel.repodata()
    try channel.index(patches: instructions(#""packages.conda":{"a-1.0-0.conda":{"license":"X"}}"#))
    var expected = try #require(before["packages.conda"]?.object)
    var record = try #require(expected["a-1.0-0.conda"]?.object)
    record["license"] = .string("X")
    expected["a-1.0-0.conda"] = .object(record)
    #expect(try channel.repodata()["packages.conda"] == .object(expected))
    #expect(try channel.repodata()["packages"] == before["packages"])
  }

  // MARK: Twins and order

  @Test func `what is said of a tar_bz2 holds for its conda twin`() throws {
    try channel.index(patches: instructions(#""packages":{"a-1.0-0.tar.bz2":{"license":"X"}}"#))
    #expect(try field("license", of: "a-1.0-0.tar.bz2") == #""X""#)
    #expect(try field("license") == #""X""#)
  }

  @Test func `what is said of a conda holds for it alone, and wins`() throws {
    try channel.index(
      patches: instructions(
        #""packages":{"a-1.0-0.tar.bz2":{"license":"X","license_family":"F"}}"#,
        #""packages.conda":{"a-1.0-0.conda":{"license":"Y"}}"#))
    #expect(try field("license", of: "a-1.0-0.tar.bz2") == #""X""#)
    #expect(try field("license") == #""Y""#)
    #expect(try field("license_family") == #""F""#)
  }

  @Test func `a twin takes what is said of a tar_bz2 that is not there`() throws {
    try channel.index(patches: instructions(#""packages":{"other-1.0-0.tar.bz2":{"license":"X"}}"#))
    #expect(try field("license", of: "other-1.0-0.conda") == #""X""#)
  }

  // MARK: Revision 3

  @Test func `records of revision 3 are patched, in the one spelling they have`() throws {
    var blueprint = PackageBlueprint("v")
    blueprint.indexFields = ["flags": #"["gpu"]"#, "depends": #"["x >=1"]"#]
    for format in ArchiveName.Format.allCases { try channel.add(blueprint, format) }
    let report = try channel.index(
      patches: instructions(
        #""packages":{"v-1.0-0.tar.bz2":{"license":"X","depends":["y >=2"]}}"#,
        #""v3":{"tar.bz2":{"v-1.0-0":{"license":"Y"}},"conda":{"v-1.0-0":{"constrains":["z 1.*"]}}}"#
      ))
    #expect(channel.patchWarnings(report) == [])
    let maps = try #require(try channel.repodata()["v3"]?.object)
    for map in ["conda", "tar.bz2"] {
      let record = try #require(maps[map]?.object?["v-1.0-0"]?.object)
      #expect(record["license"] == .string("Y"))
      #expect(record["depends"] == .array([.string(#"y[version=">=2"]"#)]))
      #expect((record["constrains"] != nil) == (map == "conda"))
    }
  }

  @Test func `a patched record that needs revision 3 moves there, and back when that ends`() throws
  {
    let patch = instructions(
      #""packages.conda":{"a-1.0-0.conda":{"depends":["b[when=\"python >=3.10\"]"]}}"#)
    try channel.index(patches: patch)
    #expect(try channel.names() == ["a-1.0-0.tar.bz2", "other-1.0-0.conda"])
    #expect(
      try channel.repodata()["v3"]?.object?["conda"]?.object?.members.map(\.name) == ["a-1.0-0"])
    #expect(try channel.shard(of: "a")["v3"]?["conda"]?.keys == ["a-1.0-0"])
    try channel.index()
    #expect(try channel.repodata()["v3"] == nil)
  }

  @Test func `a record of revision 3 is never offered to clients that know less`() throws {
    var blueprint = PackageBlueprint("v")
    blueprint.indexFields = ["flags": #"["gpu"]"#]
    try channel.add(blueprint)
    try channel.index(patches: instructions(#""v3":{"conda":{"v-1.0-0":{"flags":null}}}"#))
    #expect(try channel.repodata()["v3"]?.object?["conda"]?.object?["v-1.0-0"] != nil)
  }

  // MARK: Run exports

  @Test func `version 2 patches run exports, in their document and in the shards`() throws {
    try channel.index(
      patches: instructions(
        version: 2,
        #""packages":{"a-1.0-0.tar.bz2":{"run_exports":{"weak":["a >=2"],"strong":null}}}"#))
    let document = try channel.json("noarch/run_exports.json")
    for (map, file) in [("packages", "a-1.0-0.tar.bz2"), ("packages.conda", "a-1.0-0.conda")] {
      #expect(
        document[map]?.object?[file]
          == .object(["run_exports": .object(["weak": .array([.string("a >=2")])])]))
      #expect(
        try channel.shard(of: "a")[map]?[file]?["run_exports"]?["weak"]
          == .array([.string("a >=2")]))
      #expect(try channel.record(file)?["run_exports"] == nil)
    }
  }

  @Test(arguments: [("null", "{}"), (#"["x"]"#, #"{"weak":["x"]}"#), (#"{"weak":[]}"#, nil)])
  func `run exports are deleted, replaced or merged as any other value`(
    patch: String, expected: String?
  ) throws {
    try channel.index(
      patches: instructions(
        version: 2, #""packages.conda":{"a-1.0-0.conda":{"run_exports":\#(patch)}}"#))
    let exports = try channel.json("noarch/run_exports.json")["packages.conda"]?.object?[
      "a-1.0-0.conda"]
    #expect(exports?.object?["run_exports"]?.description == expected ?? #"{"strong":["a"]}"#)
  }

  @Test func `version 1 leaves run exports alone, and says so`() throws {
    try channel.index()
    let before = try channel("noarch/run_exports.json").readBytes()
    let report = try channel.index(
      patches: instructions(#""packages.conda":{"a-1.0-0.conda":{"run_exports":{}}}"#))
    #expect(try channel("noarch/run_exports.json").readBytes() == before)
    #expect(
      channel.patchWarnings(report) == [
        #"packages.conda: "a-1.0-0.conda": "run_exports" is patched by instructions of version 2 "#
          + "only; ignored"
      ])
  }

  // MARK: What is not the patches' to say

  @Test(arguments: [
    "md5", "sha256", "size", "url", "fn", "channel", "indexed_timestamp", "attestations_sha256",
    "legacy_bz2_md5", "legacy_bz2_size", "revoked", "removed", "name", "version", "build", "subdir",
    "arch", "platform",
  ])
  func `a field that the channel or the file answers for stays, and the attempt is named`(
    field: String
  ) throws {
    try channel.index()
    let before = try channel.repodata()
    for value in [#""forged""#, "null", "1"] {
      let report = try channel.index(
        patches: instructions(#""packages.conda":{"a-1.0-0.conda":{"\#(field)":\#(value)}}"#))
      #expect(try channel.repodata() == before)
      #expect(channel.patchWarnings(report).count == 1)
      #expect(
        channel.patchWarnings(report).allSatisfy {
          $0.hasPrefix(#"packages.conda: "a-1.0-0.conda": "\#(field)" is "#)
            && $0.hasSuffix("; ignored")
        })
    }
  }
}
