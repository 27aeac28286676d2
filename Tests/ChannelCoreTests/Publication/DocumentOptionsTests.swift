import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

/// Documents that are asked for, and later no more: what is ours goes, all else stays.
@Suite struct DocumentOptionsTests {
  /// An option turned off, and the documents that go with it.
  enum Choice: CaseIterable {
    case zstandard, bzip2, shards, runExports

    var documents: [String] {
      switch self {
      case .zstandard: ["repodata.json.zst", "run_exports.json.zst"]
      case .bzip2: ["repodata.json.bz2"]
      case .shards: ["repodata_shards.msgpack.zst"]
      case .runExports: ["run_exports.json", "run_exports.json.zst"]
      }
    }

    func turnOff(_ options: inout IndexOptions) {
      options.documents.bzip2 = self != .bzip2
      switch self {
      case .zstandard: options.documents.zstandard = false
      case .bzip2: break
      case .shards: options.documents.shards = false
      case .runExports: options.documents.runExports = false
      }
    }
  }

  private static let all = [
    "repodata.json", "repodata.json.bz2", "repodata.json.zst", "repodata_shards.msgpack.zst",
    "run_exports.json", "run_exports.json.zst",
  ]

  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    try channel.add(PackageBlueprint("a"))
  }

  private func documents() throws -> [String] {
    try channel("noarch").entryNames().filter { $0 != "a-1.0-0.conda" && $0 != "shards" }
  }

  @Test(arguments: Choice.allCases)
  func `documents go when they are asked for no more, and come back`(choice: Choice) throws {
    let withAll = { (options: inout IndexOptions) in options.documents.bzip2 = true }
    try channel.index(with: withAll)
    #expect(try documents() == Self.all)
    let before = try channel.publicFiles()
    for _ in 1...2 {
      try channel.index(with: choice.turnOff)
      #expect(try documents() == Self.all.filter { !choice.documents.contains($0) })
    }
    try channel.index(with: withAll)
    #expect(try channel.publicFiles() == before)
  }

  @Test(arguments: Choice.allCases)
  func `a document of the same name that another tool made stays`(choice: Choice) throws {
    try channel.index(with: choice.turnOff)
    for name in choice.documents { try channel("noarch/\(name)").write("foreign") }
    try channel.index(with: choice.turnOff)
    try channel.add(PackageBlueprint("b"))
    try channel.index(with: choice.turnOff)
    for name in choice.documents {
      #expect(try channel("noarch/\(name)").readText() == "foreign")
    }
  }

  @Test(arguments: Choice.allCases, [true, false])
  func `a document that somebody has replaced since stays`(
    choice: Choice, inPlace: Bool
  ) throws {
    try channel.index { $0.documents.bzip2 = true }
    for name in choice.documents {
      let document = channel("noarch/\(name)")
      var bytes = try document.readBytes()
      bytes[0] ^= 0xFF
      if !inPlace { try document.removeRecursively() }
      try document.write(bytes)
      try document.setModificationTime(seconds: 1_600_000_000)
    }
    try channel.index(with: choice.turnOff)
    for name in choice.documents { #expect(channel("noarch/\(name)").exists, "\(name)") }
  }

  @Test func `foreign files beside the documents and the shards are never touched`() throws {
    let foreign = [
      "noarch/index.html", "noarch/current_repodata.json", "noarch/shards/README",
      "noarch/shards/\(String(repeating: "0", count: 64)).msgpack.zst", "icons/own.png",
    ]
    for name in foreign { try channel(name).write("foreign") }
    try channel.index { $0.documents.bzip2 = true }
    try channel("noarch/a-1.0-0.conda").removeRecursively()
    try channel.index(now: 2_000) { $0.documents.shards = false }
    try channel.index(now: 2_000 + 8 * 86_400_000) { $0.documents.shards = false }
    for name in foreign { #expect(try channel(name).readText() == "foreign") }
    #expect(try channel.shardFiles().count == 2)
  }

  @Test(arguments: Choice.allCases)
  func `what another option has no part in is not written anew`(choice: Choice) throws {
    try channel.index { $0.documents.bzip2 = true }
    let before = try channel.snapshot().filter { !$0.key.hasPrefix(".channel") }
    try channel.index(with: choice.turnOff)
    // The home page says what it may fetch, and so changes with every option.
    for (name, state) in try channel.snapshot()
    where !name.hasPrefix(".channel") && name != "index.html" {
      #expect(before[name] == state, "\(name)")
    }
  }
}
