import ChannelCore
import Support
import SystemPackage
import Testing

/// Records that only newer clients understand (CEP 43, 44, 45, 48) stand in `v3` and nowhere else.
@Suite struct Revision3Tests {
  /// What makes a record one of revision 3, each on its own.
  private static let causes: [[String: String]] = [
    ["schema_version": "3"], ["repodata_revision": "3"],
    ["depends": #"["b[when=\"python >=3.10\"]"]"#],
    ["constrains": #"["b[when=\"python >=3.10\"]"]"#],
    ["depends": #"["b[extras=[c]]"]"#], ["depends": #"["b[flags=[c]]"]"#],
    ["extra_depends": #"{"test":["pytest"]}"#], ["flags": #"["gpu:cuda"]"#],
  ]

  private static let noCauses: [[String: String]] = [
    [:], ["schema_version": "1"], ["schema_version": "2"], ["repodata_revision": "1"],
    ["extra_depends": "{}"], ["flags": "[]"], ["depends": #"["b[version=\">=1\"]"]"#],
    ["depends": #"["when >=1"]"#],
  ]

  private func channel(_ fields: [String: String], now: Int = 70) throws -> TestChannel {
    let channel = try TestChannel()
    for format in ArchiveName.Format.allCases {
      var blueprint = PackageBlueprint("a")
      blueprint.indexFields = fields
      try channel.add(blueprint, format)
    }
    try channel.add(PackageBlueprint("plain"))
    let report = try channel.index(now: now)
    try #require(report.quarantined.isEmpty)
    return channel
  }

  @Test(arguments: causes)
  func `a record that needs revision 3 stands in v3 alone`(fields: [String: String]) throws {
    let channel = try channel(fields)
    let repodata = try channel.repodata()
    #expect(try channel.names() == ["plain-1.0-0.conda"])
    for map in ["conda", "tar.bz2"] {
      #expect(repodata["v3"]?.object?[map]?.object?.members.map(\.name) == ["a-1.0-0"])
    }
    #expect(repodata["repodata_version"]?.integer == 1)
    #expect(
      "\(repodata["info"] ?? .null)"
        == #"{"repodata_revisions":{"v3":{"n_packages":2,"newest":70,"oldest":70}},"#
        + #""subdir":"noarch"}"#)

    let shard = try channel.shard(of: "a")
    #expect(shard.keys == ["packages", "packages.conda", "v3"])
    #expect(shard["packages"] == .map([]) && shard["packages.conda"] == .map([]))
    for map in ["conda", "tar.bz2"] { #expect(shard["v3"]?[map]?.keys == ["a-1.0-0"]) }
    #expect(try channel.shard(of: "plain")["v3"] == nil)
    #expect(
      try channel.shardIndex()["info"]?["repodata_revisions"]?["v3"]?["n_packages"] == .integer(2))
  }

  @Test(arguments: noCauses)
  func `any other record stands where it always stood`(fields: [String: String]) throws {
    let channel = try channel(fields)
    #expect(
      try channel.names() == ["a-1.0-0.conda", "a-1.0-0.tar.bz2", "plain-1.0-0.conda"])
    #expect(try channel.repodata()["v3"] == nil)
    #expect(try channel.repodata()["info"]?.object?["repodata_revisions"] == nil)
    #expect(try channel.shard(of: "a")["v3"] == nil)
    #expect(try channel.shardIndex()["info"]?["repodata_revisions"] == nil)
  }

  @Test func `match specs are respelled in v3 and left as they are elsewhere`() throws {
    let specs = #"["b >=1,<2","c 1.0 py*","d=2"]"#
    let legacy = try channel(["depends": specs]).record("a-1.0-0.conda")
    #expect(legacy?["depends"] == (try JSONReader.value(in: Array(specs.utf8))))
    let v3 = try channel([
      "depends": specs, "constrains": #"["e >=2"]"#, "extra_depends": #"{"x":["f 1"],"y":[]}"#,
      "flags": #"["gpu"]"#,
    ]).repodata()["v3"]?.object?["conda"]?.object?["a-1.0-0"]?.object
    #expect(
      v3?["depends"]?.strings
        == [#"b[version=">=1,<2"]"#, #"c[version="1.0",build="py*"]"#, #"d[version="=2"]"#])
    #expect(v3?["constrains"]?.strings == [#"e[version=">=2"]"#])
    #expect(v3?["extra_depends"]?.object?["x"]?.strings == [#"f[version="1"]"#])
    #expect(v3?["extra_depends"]?.object?["y"]?.strings == [])
    #expect(v3?["flags"]?.strings == ["gpu"])
    #expect(v3?["indexed_timestamp"]?.integer == 70)
  }

  @Test func `the bounds are those of the records in v3`() throws {
    let channel = try channel(["flags": #"["x"]"#])
    try channel.add(PackageBlueprint("later"))
    try channel.index(now: 300)
    var blueprint = PackageBlueprint("flagged")
    blueprint.indexFields = ["flags": #"["y"]"#]
    try channel.add(blueprint)
    try channel.index(now: 200)
    let bounds = try channel.repodata()["info"]?.object?["repodata_revisions"]?.object?["v3"]
    #expect("\(bounds ?? .null)" == #"{"n_packages":3,"newest":200,"oldest":70}"#)
  }

  @Test func `run exports list a record of revision 3 by its file name, as all others`() throws {
    let document = try channel(["flags": #"["x"]"#]).json("noarch/run_exports.json")
    #expect(document["packages.conda"]?.object?["a-1.0-0.conda"] != nil)
    #expect(document["packages"]?.object?["a-1.0-0.tar.bz2"] != nil)
  }

  @Test func `a lost ledger keeps the times of records in v3, too`() throws {
    let channel = try channel(["flags": #"["x"]"#])
    let before = try channel.publicFiles()
    try channel(".channel/noarch.ledger").removeRecursively()
    try channel.index(now: 900)
    #expect(try channel.publicFiles() == before)
  }

  @Test(arguments: ["schema_version", "repodata_revision"], ["4", "99", #""3""#, "3.0", "null"])
  func `a revision that no client reads is refused`(field: String, value: String) throws {
    let channel = try TestChannel()
    var blueprint = PackageBlueprint("a")
    blueprint.indexFields = [field: value]
    try channel.add(blueprint)
    let report = try channel.index()
    #expect(report.quarantined.map(\.code) == [.invalidMetadata])
    #expect(report.quarantined.first?.reason.contains(field) == true)
    #expect(try channel.names().isEmpty)
  }

  @Test func `a spec that cannot be respelled is refused in v3 and warned of elsewhere`() throws {
    let channel = try TestChannel()
    for (name, fields) in [("v3", ["flags": #"["x"]"#]), ("legacy", [:])] {
      var blueprint = PackageBlueprint(name, depends: ["b >="])
      blueprint.indexFields = fields
      try channel.add(blueprint)
    }
    let report = try channel.index()
    #expect(report.quarantined.map(\.path.lastComponent?.string) == ["v3-1.0-0.conda"])
    #expect(report.subdirs.flatMap(\.warnings).count == 1)
    #expect(try channel.names() == ["legacy-1.0-0.conda"])
  }
}
