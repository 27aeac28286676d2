import ChannelCore
import Support
import SystemPackage
import Testing

@Suite struct ChannelDataTests {
  private func package(
    _ channel: TestChannel, _ name: String = "a", _ version: String = "1.0", build: String = "0",
    subdir: String = "noarch", format: ArchiveName.Format = .conda, about: [String: String] = [:],
    index: [String: String] = [:], runExports: String? = nil
  ) throws {
    var blueprint = PackageBlueprint(name, version: version, build: build, subdir: subdir)
    blueprint.about = about
    blueprint.indexFields = index
    blueprint.runExports = runExports
    try channel.add(blueprint, format)
  }

  private func entry(_ name: String = "a", in channel: TestChannel) throws -> JSONObject {
    let packages = try channel.json("channeldata.json")["packages"]
    return try #require(packages?.object?[name]?.object)
  }

  @Test func `a package that says nothing has what every entry must have`() throws {
    let channel = try TestChannel()
    try package(channel)
    try channel.index()
    let expected = """
      {"channeldata_version":1,"packages":{"a":{"activate.d":false,"binary_prefix":false,\
      "deactivate.d":false,"post_link":false,"pre_link":false,"pre_unlink":false,"run_exports":{},\
      "subdirs":["noarch"],"text_prefix":false,"timestamp":0,"version":"1.0"}},\
      "subdirs":["noarch"]}

      """
    #expect(try channel("channeldata.json").readText() == expected)
    let frame = try channel("channeldata.json.zst").readBytes()
    #expect(try ZstandardFrame.contents(of: frame) == Array(expected.utf8))
  }

  @Test func `a text comes from the newest version that has it`() throws {
    let channel = try TestChannel()
    try package(channel, "a", "1.9", about: ["summary": #""old""#, "home": #""h""#])
    try package(channel, "a", "1.10", about: ["summary": #""new""#])
    try channel.index()
    let entry = try entry(in: channel)
    #expect(entry["version"] == .string("1.10"))
    #expect(entry["summary"] == .string("new"))
    #expect(entry["home"] == .string("h"))
  }

  @Test func `of one version the newest build tells, and of one build the conda file`() throws {
    let channel = try TestChannel()
    let early = ["timestamp": "1000000000000"]
    let late = ["timestamp": "2000000000"]
    try package(channel, build: "1", about: ["summary": #""early""#], index: early)
    try package(channel, build: "0", about: ["summary": #""late""#], index: late)
    try package(
      channel, build: "0", format: .tarBz2, about: ["summary": #""twin""#, "home": #""h""#],
      index: late)
    try channel.index(now: 3_000_000_000_000)
    let entry = try entry(in: channel)
    #expect(entry["summary"] == .string("late"))
    #expect(entry["home"] == .string("h"))
    #expect(entry["timestamp"] == .number("2000000000"))
  }

  @Test func `the time is the newest of all packages, not the newest version's`() throws {
    let channel = try TestChannel()
    try package(channel, "a", "1.0", index: ["timestamp": "2000000000999"])
    try package(channel, "a", "2.0", index: ["timestamp": "1000000000000"])
    try channel.index(now: 3_000_000_000_000)
    #expect(try entry(in: channel)["timestamp"] == .number("2000000000"))
  }

  @Test func `a trait is that of any package`() throws {
    let channel = try TestChannel()
    var old = PackageBlueprint("a", version: "1.0", subdir: "linux-64")
    old.payload = [ArchiveMember("etc/conda/activate.d/a.sh", text: "")]
    try channel.add(old)
    try package(channel, "a", "2.0")
    try channel.index()
    let entry = try entry(in: channel)
    #expect(entry["activate.d"] == .bool(true))
    #expect(entry["deactivate.d"] == .bool(false))
    #expect(entry["subdirs"] == .array([.string("linux-64"), .string("noarch")]))
  }

  @Test func `run exports are listed by version, of the newest build that has any`() throws {
    let channel = try TestChannel()
    let early = ["timestamp": "1000000000000"]
    let late = ["timestamp": "2000000000000"]
    try package(channel, build: "0", index: early, runExports: #"{"weak":["gone"]}"#)
    try package(channel, build: "1", index: late)
    try package(
      channel, build: "2", subdir: "linux-64", index: early, runExports: #"{"weak":["b"]}"#)
    try package(channel, "a", "2.0", runExports: #"["c"]"#)
    try package(channel, "a", "3.0")
    try channel.index(now: 3_000_000_000_000)
    let expected = #"{"1.0":{"weak":["b"]},"2.0":{"weak":["c"]}}"#
    #expect(try entry(in: channel)["run_exports"]?.description == expected)
  }

  @Test func `the licence is the record's, which clients see`() throws {
    let channel = try TestChannel()
    try package(
      channel, about: ["license": #""About""#], index: ["license": #""Record""#])
    try package(channel, "b", about: ["license": #""About""#])
    try channel.index()
    #expect(try entry(in: channel)["license"] == .string("Record"))
    #expect(try entry("b", in: channel)["license"] == .string("About"))
  }

  @Test func `what a rendered recipe names as sources is listed`() throws {
    let channel = try TestChannel()
    var blueprint = PackageBlueprint("a")
    let recipe = "recipe:\n  source:\n  - url: https://a\n  - url: https://b\n"
    blueprint.extraInfo = [ArchiveMember("info/recipe/rendered_recipe.yaml", text: recipe)]
    try channel.add(blueprint)
    try channel.index()
    let expected = JSONValue.array([.string("https://a"), .string("https://b")])
    #expect(try entry(in: channel)["source_url"] == expected)
  }

  @Test func `what is deleted leaves it, names and versions and subdirs`() throws {
    let channel = try TestChannel()
    try package(channel, "a", "1.0")
    try package(channel, "a", "2.0")
    try package(channel, "b", subdir: "linux-64")
    try channel.index()
    try channel("noarch/a-2.0-0.conda").removeRecursively()
    try channel("linux-64").removeRecursively()
    try channel.index()
    let data = try channel.json("channeldata.json")
    #expect(data["packages"]?.object?.members.map(\.name) == ["a"])
    #expect(try entry(in: channel)["version"] == .string("1.0"))
    #expect(data["subdirs"] == .array([.string("noarch")]))
  }

  @Test func `a run over one subdir keeps what is known of the others`() throws {
    let channel = try TestChannel()
    try package(channel, "a")
    try package(channel, "b", subdir: "linux-64")
    try channel.index()
    try package(channel, "c")
    try channel.index(subdirs: [.noarch])
    let packages = try channel.json("channeldata.json")["packages"]?.object
    #expect(packages?.members.map(\.name) == ["a", "b", "c"])
  }
}
