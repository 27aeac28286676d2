import ChannelCore
import Support
import SystemPackage
import Testing

/// The other documents: run exports, other bases, other compressions.
@Suite struct DocumentsTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  // MARK: Run exports

  /// One package of each form in which run exports are found, and what is published of it.
  private static let forms: [(name: String, json: String?, yaml: String?, published: String)] = [
    ("none", nil, nil, "{}"), ("list", #"["a >=1"]"#, nil, #"{"weak":["a >=1"]}"#),
    ("text", #""a""#, nil, #"{"weak":["a"]}"#), ("empty", "{}", nil, "{}"),
    ("full", #"{"strong":["b"],"weak":[]}"#, nil, #"{"strong":["b"]}"#),
    ("yaml", nil, "weak:\n  - a >=1\nstrong: [b]\n", #"{"strong":["b"],"weak":["a >=1"]}"#),
    ("both", #"["json"]"#, "- yaml\n", #"{"weak":["json"]}"#),
  ]

  @Test(arguments: ArchiveName.Format.allCases)
  func `run exports of every form are published, of every package`(
    format: ArchiveName.Format
  ) throws {
    for form in Self.forms {
      var blueprint = PackageBlueprint(form.name)
      blueprint.runExports = form.json
      if let yaml = form.yaml {
        blueprint.extraInfo = [ArchiveMember("info/run_exports.yaml", text: yaml)]
      }
      try channel.add(blueprint, format)
    }
    let report = try channel.index()
    #expect(report.quarantined.isEmpty)
    let (map, other) =
      format == .conda ? ("packages.conda", "packages") : ("packages", "packages.conda")
    var expected: [String] = []
    for form in Self.forms.sorted(by: { $0.name < $1.name }) {
      let file = "\(form.name)-1.0-0\(format.rawValue)"
      expected.append("\"\(file)\":{\"run_exports\":\(form.published)}")
    }
    let document = try channel.json("noarch/run_exports.json")
    #expect("\(document[map] ?? .null)" == "{\(expected.joined(separator: ","))}")
    #expect(document[other] == .object([:]))
    #expect(document["info"] == .object(["subdir": .string("noarch"), "version": .number("1")]))
    let bytes = try channel("noarch/run_exports.json").readBytes()
    #expect(JSONWriter.bytes(of: .object(document)) == bytes)
    #expect(
      try ZstandardFrame.contents(of: channel("noarch/run_exports.json.zst").readBytes()) == bytes)
  }

  @Test(
    arguments: [
      (#"{"weak":1}"#, nil), ("{", nil), ("1", nil), (nil, "weak: [a"), (nil, "weak: &x [a]"),
      (nil, "weak: {a: b}"),
    ] as [(String?, String?)])
  func `run exports that cannot be read keep their package out`(
    json: String?, yaml: String?
  ) throws {
    var blueprint = PackageBlueprint("a")
    blueprint.runExports = json
    if let yaml { blueprint.extraInfo = [ArchiveMember("info/run_exports.yaml", text: yaml)] }
    try channel.add(blueprint)
    let report = try channel.index()
    #expect(report.quarantined.map(\.code.description) == ["run-exports"])
    let member = json == nil ? "info/run_exports.yaml" : "info/run_exports.json"
    #expect(report.quarantined.first?.reason.contains(member) == true)
  }

  // MARK: Packages that lie elsewhere (CEP 15)

  @Test(arguments: ["https://example.org/channel", "https://example.org/channel/"])
  func `another base is told by all documents, with version 2`(base: String) throws {
    try channel.add(PackageBlueprint("a"))
    try channel.add(PackageBlueprint("a", subdir: "linux-64"))
    try channel.index { $0.documents.baseURL = base }
    for subdir in ["linux-64", "noarch"] {
      let url = "https://example.org/channel/\(subdir)/"
      let repodata = try channel.repodata(subdir)
      #expect(repodata["repodata_version"]?.integer == 2)
      #expect(repodata["info"]?.object?["base_url"] == .string(url))
      let index = try channel.shardIndex(subdir)
      #expect(index["info"]?["base_url"] == .string(url))
      #expect(index["info"]?["shards_base_url"] == .string("./shards/"))
    }

    try channel.index()
    #expect(try channel.repodata()["repodata_version"]?.integer == 1)
    #expect(try channel.repodata()["info"]?.object?["base_url"] == nil)
    #expect(try channel.shardIndex()["info"]?["base_url"] == .string("./"))
  }

  // MARK: Compression

  @Test func `the bzip2 twin holds the same bytes`() throws {
    for number in 0..<50 { try channel.add(PackageBlueprint("p\(number)")) }
    try channel.index { $0.documents.bzip2 = true }
    let bytes = try channel("noarch/repodata.json").readBytes()
    #expect(unpackedBzip2(try channel("noarch/repodata.json.bz2").readBytes()) == bytes)
    try channel("noarch/p0-1.0-0.conda").removeRecursively()
    try channel.index { $0.documents.bzip2 = true }
    let fewer = try channel("noarch/repodata.json").readBytes()
    #expect(fewer.count < bytes.count)
    #expect(unpackedBzip2(try channel("noarch/repodata.json.bz2").readBytes()) == fewer)
  }

  @Test(arguments: [1, 30, 3_000])
  func `a document is at most a tenth larger than at level 19`(records: Int) throws {
    let document = SyntheticRepodata.bytes(records: records)
    let frame = try ZstandardCompressor().frame(of: document, .document, threads: 2)
    #expect(try ZstandardFrame.contents(of: frame) == document)
    let best = sizeAtZstandardLevel19(of: document)
    #expect(best < document.count)
    #expect(frame.count * 10 <= best * 11, "\(frame.count) bytes, \(best) at level 19")
  }
}

/// An index such as a channel of that many builds has: few names, many versions, digests that
/// nothing makes smaller.
enum SyntheticRepodata {
  static func bytes(records: Int) -> [UInt8] {
    var packages = JSONObject()
    for number in 0..<records {
      let (name, version) = ("package\(number % 97)", "\(number / 970).\(number / 97 % 10).0")
      let build = "py3\(number % 5 + 9)h\(digest(number).prefix(7))_0"
      packages["\(name)-\(version)-\(build).conda"] = .object([
        "build": .string(build), "build_number": .number("0"),
        "depends": .array([
          .string("python >=3.\(number % 5 + 9),<3.\(number % 5 + 10).0a0"),
          .string("libpackage\(number % 97) >=\(version),<\(number / 970 + 1).0a0"),
          .string("numpy >=1.\(20 + number % 7),<3"),
        ]),
        "indexed_timestamp": .number("\(1_700_000_000_000 + number * 7_919_377)"),
        "license": .string(["MIT", "BSD-3-Clause", "Apache-2.0"][number % 3]),
        "md5": .string(String(digest(number + 1).prefix(32))), "name": .string(name),
        "sha256": .string(digest(number + 2)), "size": .number("\(number * 7919 % 5_000_000)"),
        "subdir": .string("linux-64"),
        "timestamp": .number("\(1_600_000_000_000 + number * 86_413)"),
        "version": .string(version),
      ])
    }
    return JSONWriter.bytes(
      of: .object([
        "info": .object(["subdir": .string("linux-64")]), "packages": .object([:]),
        "packages.conda": .object(packages), "removed": .array([]),
        "repodata_version": .number("1"),
      ]))
  }

  private static func digest(_ number: Int) -> String {
    Digest.sha256(of: Array("\(number)".utf8)).description
  }
}
