import ChannelCore
import Support
import SystemPackage
import Testing

/// The same instructions as conda's own indexer was given, and what it made of the same records.
@Suite struct PatchParityTests {
  private static let instructions = #"""
    {"patch_instructions_version":1,
     "packages":{
      "a-1.0-0.tar.bz2":{"depends":["x >=2"],"constrains":["z <3"],"license":null},
      "b-1.0-0.tar.bz2":{"extra":{"a":2,"b":[3]},"track_features":"t"},
      "d-1.0-0.tar.bz2":{"license":"BSD-3-Clause"},"gone-1.0-0.tar.bz2":{"license":"X"},
      "e-1.0-0.tar.bz2":{"license":"Zlib"}},
     "packages.conda":{
      "a-1.0-0.conda":{"depends":["x >=3"]},"b-1.0-0.conda":{"track_features":null}},
     "revoke":["b-1.0-0.conda","d-1.0-0.tar.bz2","gone-1.0-0.conda"],
     "remove":["c-1.0-0.tar.bz2","gone-2.0-0.conda"]}
    """#

  /// What conda-index 0.13.0 made of it.
  private static let expected = #"""
    {"packages":{
      "a-1.0-0.tar.bz2":{"build":"0","build_number":0,"constrains":["z <3"],"depends":["x >=2"],
       "extra":{"a":1,"b":[1,2]},"name":"a","subdir":"noarch","version":"1.0"},
      "b-1.0-0.tar.bz2":{"build":"0","build_number":0,"depends":["x >=1","y"],
       "extra":{"a":2,"b":[3]},"license":"MIT","name":"b","subdir":"noarch","track_features":"t",
       "version":"1.0"},
      "d-1.0-0.tar.bz2":{"build":"0","build_number":0,
       "depends":["x >=1","y","package_has_been_revoked"],"extra":{"a":1,"b":[1,2]},
       "license":"BSD-3-Clause","name":"d","revoked":true,"subdir":"noarch","version":"1.0"}},
     "packages.conda":{
      "a-1.0-0.conda":{"build":"0","build_number":0,"constrains":["z <3"],"depends":["x >=3"],
       "extra":{"a":1,"b":[1,2]},"name":"a","subdir":"noarch","version":"1.0"},
      "b-1.0-0.conda":{"build":"0","build_number":0,
       "depends":["x >=1","y","package_has_been_revoked"],"extra":{"a":2,"b":[3]},"license":"MIT",
       "name":"b","revoked":true,"subdir":"noarch","version":"1.0"},
      "e-1.0-0.conda":{"build":"0","build_number":0,"depends":["x >=1","y"],
       "extra":{"a":1,"b":[1,2]},"license":"Zlib","name":"e","subdir":"noarch","version":"1.0"}},
     "removed":["c-1.0-0.conda","c-1.0-0.tar.bz2"]}
    """#

  @Test func `instructions do what conda's indexer does by them`() throws {
    let channel = try TestChannel()
    for (name, format) in "abcd".map({ ($0, ArchiveName.Format.tarBz2) })
      + "abce".map({ ($0, ArchiveName.Format.conda) })
    {
      var blueprint = PackageBlueprint(String(name), depends: ["x >=1", "y"])
      blueprint.indexFields = ["license": #""MIT""#, "extra": #"{"a":1,"b":[1,2]}"#]
      try channel.add(blueprint, format)
    }
    try channel.index(patches: Self.instructions)
    let expected = try #require(try JSONReader.value(in: Array(Self.expected.utf8)).object)
    let repodata = try channel.repodata()
    for map in ["packages", "packages.conda"] {
      var records = try #require(repodata[map]?.object)
      for member in records.members {
        var record = try #require(member.value.object)
        record.removeAll {
          ["indexed_timestamp", "md5", "sha256", "size"].contains($0.name)
        }
        records[member.name] = .object(record)
      }
      #expect(JSONValue.object(records) == expected[map])
    }
    #expect(repodata["removed"] == expected["removed"])
  }
}
