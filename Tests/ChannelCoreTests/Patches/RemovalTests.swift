import ChannelCore
import Support
import SystemPackage
import Testing

/// Packages that instructions revoke or remove.
@Suite struct RemovalTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    for version in ["1.0", "2.0"] {
      for format in ArchiveName.Format.allCases {
        try channel.add(PackageBlueprint("a", version: version, depends: ["x"]), format)
      }
    }
    try channel.add(PackageBlueprint("b"))
  }

  private func expectListed(_ names: [String]) throws {
    #expect(try channel.names() == names)
    let exports = try channel.json("noarch/run_exports.json")
    #expect(
      ["packages", "packages.conda"].flatMap { exports[$0]?.object?.members.map(\.name) ?? [] }
        .sorted() == names)
    var sharded: [String] = []
    for name in try channel.shardNames().keys {
      let shard = try channel.shard(of: name)
      sharded += (shard["packages"]?.keys ?? []) + (shard["packages.conda"]?.keys ?? [])
    }
    #expect(sharded.sorted() == names)
  }

  private func removed() throws -> [String]? { try channel.repodata()["removed"]?.strings }

  @Test func `a removed package leaves every index, and its twin with it`() throws {
    let report = try channel.index(patches: instructions(#""remove":["a-1.0-0.tar.bz2"]"#))
    try expectListed(["a-2.0-0.conda", "a-2.0-0.tar.bz2", "b-1.0-0.conda"])
    #expect(try removed() == ["a-1.0-0.conda", "a-1.0-0.tar.bz2"])
    #expect(
      try channel.shard(of: "a")["removed"]
        == .array([.string("a-1.0-0.conda"), .string("a-1.0-0.tar.bz2")]))
    #expect(try channel.shard(of: "b").keys == ["packages", "packages.conda"])
    #expect(report.subdirs.map(\.published) == [3])
    #expect(channel("noarch/a-1.0-0.conda").exists)
  }

  @Test func `a removed conda leaves its twin alone`() throws {
    try channel.index(patches: instructions(#""remove":["a-1.0-0.conda"]"#))
    try expectListed(["a-1.0-0.tar.bz2", "a-2.0-0.conda", "a-2.0-0.tar.bz2", "b-1.0-0.conda"])
    #expect(try removed() == ["a-1.0-0.conda"])
  }

  @Test func `a name of which all is removed has no shard`() throws {
    try channel.index(patches: instructions(#""remove":["b-1.0-0.conda"]"#))
    #expect(try channel.shardNames().keys.sorted() == ["a"])
    #expect(try removed() == ["b-1.0-0.conda"])
  }

  @Test func `what is removed is not called removed when it never lay there`() throws {
    try channel.index(patches: instructions(#""remove":["c-1.0-0.conda"]"#))
    #expect(try removed() == [])
  }

  @Test func `removal wins over whatever else is said`() throws {
    try channel.index(
      patches: instructions(
        #""packages.conda":{"b-1.0-0.conda":{"depends":5}}"#, #""revoke":["b-1.0-0.conda"]"#,
        #""remove":["b-1.0-0.conda"]"#))
    #expect(try channel.record("b-1.0-0.conda") == nil)
  }

  @Test func `a revoked package says so and can no longer be installed, nor can its twin`() throws {
    try channel.index(
      patches: instructions(#""revoke":["a-1.0-0.tar.bz2","a-1.0-0.conda","b-1.0-0.conda"]"#))
    for file in ["a-1.0-0.tar.bz2", "a-1.0-0.conda"] {
      let record = try #require(try channel.record(file))
      #expect(record["revoked"] == .bool(true))
      #expect(record["depends"]?.strings == ["x", "package_has_been_revoked"])
      let map = file.hasSuffix("conda") ? "packages.conda" : "packages"
      #expect(try channel.shard(of: "a")[map]?[file]?["revoked"] == .bool(true))
    }
    #expect(try channel.record("a-2.0-0.conda")?["revoked"] == nil)
  }

  @Test func `a revoked conda leaves its twin alone`() throws {
    try channel.index(patches: instructions(#""revoke":["a-1.0-0.conda"]"#))
    #expect(try channel.record("a-1.0-0.tar.bz2")?["revoked"] == nil)
  }

  @Test func `a package is revoked after its dependencies are patched`() throws {
    try channel.index(
      patches: instructions(
        #""packages.conda":{"b-1.0-0.conda":{"depends":["y"]}}"#, #""revoke":["b-1.0-0.conda"]"#))
    #expect(
      try channel.record("b-1.0-0.conda")?["depends"]?.strings == ["y", "package_has_been_revoked"])
  }

  @Test func `what was removed keeps the time of its appearance when the ledger is lost`() throws {
    try channel.index(now: 50, patches: instructions(#""remove":["b-1.0-0.conda"]"#))
    try channel(".channel").removeRecursively()
    try channel.index(now: 99)
    #expect(try channel.appearance(of: "b-1.0-0.conda") == 50)
  }
}
