import ChannelCore
import Support
import Testing

/// What an operator wants in several ways at once.
@Suite struct OperatorChangesTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    for version in ["1.0", "2.0"] { try channel.add(PackageBlueprint("a", version: version)) }
    try channel.add(PackageBlueprint("b", subdir: "linux-64"))
  }

  private func pattern(_ text: String) throws -> [PackagePattern] {
    [try #require(PackagePattern(text))]
  }

  @Test(arguments: ["remove", "revoke"])
  func `what patches withdraw is not the newest that retention keeps`(how: String) throws {
    let patches = try channel.patches(instructions(#""\#(how)":["a-2.0-0.conda"]"#))
    try channel.index {
      $0.patches = patches
      $0.retention.versions = 1
      $0.deletesExpired = true
    }
    #expect(try channel.names().contains("a-1.0-0.conda"))
    #expect(channel("noarch/a-1.0-0.conda").exists)
  }

  @Test func `a change in one subdir publishes the others as they are to be amended`() throws {
    let patches = try channel.patches(instructions(#""remove":["a-2.0-0.conda"]"#))
    try channel.index { $0.patches = patches }
    #expect(try channel.names() == ["a-1.0-0.conda"])
    // Without the patches now.
    _ = try channel.indexer().yank(pattern("b-1.0-0"), reason: "broken")
    #expect(try channel.names() == ["a-1.0-0.conda", "a-2.0-0.conda"])
    let data = try channel.json("channeldata.json")["packages"]?.object
    #expect(data?["a"]?.object?["version"]?.string == "2.0")
    #expect(data?["b"] == nil)
  }

  @Test func `a yank that cannot be published is not remembered`() throws {
    try channel.index()
    let patches = try channel.patches(
      instructions(#""packages.conda":{"a-1.0-0.conda":{"depends":7}}"#))
    let pattern = try pattern("a-1.0-0")
    #expect(throws: ChannelError.self) {
      try channel.indexer { $0.patches = patches }.yank(pattern, reason: "broken")
    }
    try channel.index()
    #expect(try channel.names() == ["a-1.0-0.conda", "a-2.0-0.conda"])
  }

  @Test func `a package can be unyanked whose subdir is gone`() throws {
    let pattern = try pattern("b-1.0-0")
    _ = try channel.indexer().yank(pattern, reason: "broken")
    try channel("linux-64").removeRecursively()
    #expect(try channel.indexer().unyank(pattern).index.failures.isEmpty)
    #expect(!channel("yanked.json").exists)
  }
}
