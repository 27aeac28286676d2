import ChannelCore
import Support
import Testing

@Suite struct ChannelRelationsTests {
  @Test func `the index and the index of shards declare the same relations`() throws {
    let channel = try TestChannel()
    try channel.add(PackageBlueprint("a"))
    let relations = try ChannelRelations(base: "../forge", overrides: "../..")
    try channel.index {
      $0.documents.relations = relations
      $0.documents.currentRepodata = true
    }
    let expected: JSONValue = .object([
      "base": .string("../forge"), "overrides": .string("../.."),
    ])
    for name in ["repodata.json", "current_repodata.json"] {
      let info = try channel.json("noarch/\(name)")["info"]?.object
      #expect(info?["channel_relations"] == expected)
    }
    let declared = try channel.shardIndex()["info"]?["channel_relations"]
    #expect(declared?["base"]?.string == "../forge")
    #expect(declared?["overrides"]?.string == "../..")
    #expect(declared?.keys?.count == 2)

    try channel.index()
    #expect(try channel.repodata()["info"]?.object?["channel_relations"] == nil)
    #expect(try channel.shardIndex()["info"]?["channel_relations"] == nil)
  }

  @Test(
    arguments: [
      ("forge", nil, "\"forge\" is not a path that begins with ../"),
      (nil, "https://example.org", "\"https://example.org\" is not a path that begins with ../"),
      ("../a b", nil, "\"../a b\" is not a path that begins with ../"),
      ("../a", "../a/", "the base and the overridden channel are the same: ../a"),
      ("../a", "../b/../a", "the base and the overridden channel are the same: ../a"),
    ] as [(String?, String?, String)])
  func `what clients must not be told is refused`(
    base: String?, overrides: String?, reason: String
  ) {
    let error = #expect(throws: ChannelRelations.Invalid.self) {
      try ChannelRelations(base: base, overrides: overrides)
    }
    #expect(error?.description == reason)
  }
}
