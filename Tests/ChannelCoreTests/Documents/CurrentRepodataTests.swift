import ChannelCore
import Support
import SystemPackage
import Testing

@Suite struct CurrentRepodataTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  private func add(
    _ name: String, _ versions: String..., build: String = "0", depends: [String] = [],
    features: String? = nil, format: ArchiveName.Format = .conda
  ) throws {
    for version in versions {
      var blueprint = PackageBlueprint(name, version: version, build: build, depends: depends)
      if let features { blueprint.indexFields["track_features"] = "\"\(features)\"" }
      try channel.add(blueprint, format)
    }
  }

  private func index(pins: [String]? = nil) throws -> IndexReport {
    var found = VersionPins()
    if let pins {
      let file = channel.directory("pins.yaml")
      try file.write(pins.joined(separator: "\n") + "\n")
      found = try VersionPins(contentsOf: file)
    }
    return try channel.index { [found] options in
      options.documents.currentRepodata = true
      options.documents.pins = found
    }
  }

  /// The stems of what the document lists, sorted.
  private func listed(pins: [String]? = nil) throws -> [String] {
    _ = try index(pins: pins)
    let document = try channel.json("noarch/current_repodata.json")
    return ["packages", "packages.conda"].flatMap { map in
      document[map]?.object?.members.compactMap { ArchiveName($0.name) } ?? []
    }.map { String($0.stem) }.sorted()
  }

  @Test func `all builds of the newest version are listed, and no older one`() throws {
    try add("a", "1.9", "1.10")
    try add("a", "1.10", build: "1")
    #expect(try listed() == ["a-1.10-0", "a-1.10-1"])
  }

  @Test func `what a listed package needs is listed, and what that needs`() throws {
    try add("a", "1.0", depends: ["b <2"])
    try add("b", "1.0", "0.9", depends: ["c =1"])
    try add("b", "2.0")
    try add("c", "1.1", "1.2", "2.0", "3.0")
    #expect(try listed() == ["a-1.0-0", "b-1.0-0", "b-2.0-0", "c-1.2-0", "c-3.0-0"])
  }

  @Test func `each dependency finds its newest version, whatever older ones others need`() throws {
    try add("a", "1.0", depends: ["c <2", "c", "conda-forge::d 1.*"])
    try add("b", "1.0", depends: ["c <1.5", "C <1.1"])
    try add("c", "1.4", "1.9", "2.0")
    try add("d", "1.1", "2.0")
    #expect(
      try listed() == [
        "a-1.0-0", "b-1.0-0", "c-1.4-0", "c-1.9-0", "c-2.0-0", "d-1.1-0", "d-2.0-0",
      ])
  }

  @Test func `spellings of one version are one version`() throws {
    try add("a", "1.0", "1.0.0", "0.9")
    #expect(try listed() == ["a-1.0-0", "a-1.0.0-0"])
  }

  @Test func `a dependency on a build finds the version that has it`() throws {
    try add("a", "1.0", depends: ["b * x_*"])
    try add("b", "1.0", build: "x_1")
    try add("b", "1.1", "1.2", build: "y_1")
    #expect(try listed() == ["a-1.0-0", "b-1.0-x_1", "b-1.2-y_1"])
  }

  @Test func `what another subdir has to offer is no fault`() throws {
    try add("a", "1.0", depends: ["elsewhere >=3", "b >=9"])
    try add("b", "1.0")
    #expect(try listed() == ["a-1.0-0", "b-1.0-0"])
  }

  @Test func `dependencies that go in a circle come to an end`() throws {
    try add("a", "1.0", depends: ["b <2"])
    try add("b", "1.0", depends: ["a"])
    try add("b", "2.0", depends: ["b <2"])
    #expect(try listed() == ["a-1.0-0", "b-1.0-0", "b-2.0-0"])
  }

  @Test func `pinned versions stay, the newest of each pin`() throws {
    try add("a", "3.1.9", "3.10.1", "3.10.2", "3.9", "4.0")
    #expect(try listed(pins: ["a: [3.10, 3.9]"]) == ["a-3.10.2-0", "a-3.9-0", "a-4.0-0"])
  }

  @Test func `a pin that matches nothing is a warning and no more`() throws {
    try add("a", "1.0")
    let report = try index(pins: ["a: [2.0, 1.0]", "b: 1"])
    #expect(
      report.channel.warnings == [
        "the pin a=2.0 matches no package", "the pin b=1 matches no package",
      ])
    #expect(report.failures.isEmpty)
  }

  @Test func `of twins only the conda file is listed, with the digest of the other`() throws {
    try add("a", "1.0")
    try add("a", "1.0", format: .tarBz2)
    try add("b", "1.0")
    #expect(try listed() == ["a-1.0-0", "b-1.0-0"])
    let document = try channel.json("noarch/current_repodata.json")
    let packages = document["packages.conda"]?.object
    let twin = try channel.record("a-1.0-0.tar.bz2")
    #expect(packages?["a-1.0-0.conda"]?.object?["legacy_bz2_md5"] == twin?["md5"])
    #expect(twin?["md5"] != nil)
    #expect(packages?["b-1.0-0.conda"]?.object?["legacy_bz2_md5"] == nil)
    #expect(document["packages"]?.object?.isEmpty == true)
  }

  @Test func `beside a version with features the newest without them is listed`() throws {
    try add("a", "1.0", "1.1")
    try add("a", "2.0", features: "debug")
    #expect(try listed() == ["a-1.1-0", "a-2.0-0"])
  }

  @Test func `records are those of the index, and the document has its compressed sibling`() throws
  {
    try add("a", "1.0")
    _ = try index()
    let document = try channel("noarch/current_repodata.json").readBytes()
    #expect(try document == channel("noarch/repodata.json").readBytes())
    let frame = try channel("noarch/current_repodata.json.zst").readBytes()
    #expect(try ZstandardFrame.contents(of: frame) == document)
  }

  @Test func `packages of revision 3 hide no older version from old clients`() throws {
    try add("a", "1.0")
    try add("a", "2.0", depends: ["b[when=\"python >=3\"]"])
    #expect(try listed() == ["a-1.0-0"])
  }

  @Test func `it is made when asked for, and removed when not`() throws {
    try add("a", "1.0")
    try channel.index()
    #expect(!channel("noarch/current_repodata.json").exists)
    _ = try index()
    #expect(channel("noarch/current_repodata.json").exists)
    try channel.index()
    #expect(!channel("noarch/current_repodata.json").exists)
  }

  @Test(arguments: [
    ("pins.yaml", "a: [3.10, '3.1']\nb: 2\n", ["a": ["3.10", "3.1"], "b": ["2"]]),
    ("pins.json", #"{"a":[3.10],"b":"1.2"}"#, ["a": ["3.10"], "b": ["1.2"]]),
  ])
  func `pins are read as they are written`(
    name: String, text: String, expected: [String: [String]]
  ) throws {
    let file = channel.directory(name)
    try file.write(text)
    #expect(try VersionPins(contentsOf: file).versions == expected)
  }

  @Test(arguments: [
    ("pins.yaml", "- a\n", "an array where names with lists of versions should be"),
    ("pins.yaml", "a: [x y]\n", "a: \"x y\" is not a version"),
    ("pins.yaml", "a:\n  b: c\n", "a: {\"b\":\"c\"} is not a version"),
    ("pins.yaml", "A: 1\n", "\"A\" is not a package name (CEP 26)"),
    ("pins.json", "{", "invalid JSON at byte 1: expected a member name"),
  ])
  func `a file of pins that cannot be used is refused with the reason`(
    name: String, text: String, reason: String
  ) throws {
    let file = channel.directory(name)
    try file.write(text)
    let error = #expect(throws: ChannelError.self) { try VersionPins(contentsOf: file) }
    #expect(error?.description == "\(file): \(reason)")
  }
}
