import Support
import SystemPackage
import Testing

/// What people without scripts see of a channel's subdir.
@Suite struct PackageListingTests {
  private let directory: TemporaryDirectory
  private let server: RunningServer

  init() async throws {
    directory = try TemporaryDirectory()
    for (name, version) in [("tool", "1.9"), ("tool", "1.10"), ("two-words", "0.1")] {
      let package = PackageBlueprint(name, version: version)
      try directory("channel/noarch/\(package.condaFileName)").write(try package.conda())
    }
    try directory("channel/noarch/broken-1-0.conda").write("no package")
    let index = try await Command.run(
      Command.built("channel-index"), [directory("channel").string])
    #expect(index.status == 3, "\(index.errors)")
    try directory("channel/noarch/later-1-0.conda").write("not indexed yet")
    try directory("channel/notes/tool-1-0.conda").write("in no subdir")
    server = try RunningServer(serving: directory.path, "--mount", "/pkg")
  }

  /// The rows of a page: where each links to, and its cells.
  private func rows(_ path: String) async throws -> [(link: String, cells: [String])] {
    let page = try await Curl.get(server.url + path).body
    return page.split(separator: "\n").filter { $0.hasPrefix("<tr") && !$0.contains("../") }
      .map { line in
        let cells = line.split(separator: "<td", omittingEmptySubsequences: false).dropFirst()
        let link = line.split(separator: "\"").first { $0.hasSuffix(".conda") } ?? ""
        return (String(link), cells.map { String($0.drop { $0 != ">" }.dropFirst()) })
      }
  }

  @Test func `packages stand by name, the newest of each first`() async throws {
    let rows = try await rows("channel/noarch/")
    let shown = rows.map { $0.link }.filter { !$0.isEmpty }

    #expect(
      shown == [
        "broken-1-0.conda", "later-1-0.conda", "tool-1.10-0.conda", "tool-1.9-0.conda",
        "two-words-0.1-0.conda",
      ])
  }

  @Test func `a row has the version, the build and the digest of the index`() async throws {
    let row = try #require(
      try await rows("channel/noarch/").first { $0.link == "two-words-0.1-0.conda" })
    let bytes = try directory("channel/noarch/two-words-0.1-0.conda").readBytes()
    let digest = sha256(of: bytes).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()

    #expect(row.cells.count == 6)
    #expect(row.cells[0].hasSuffix(">two-words</a>"))
    #expect(Array(row.cells[1...2]) == ["0.1", "0"])
    #expect(row.cells[5] == digest)
  }

  @Test(arguments: [
    ("broken-1-0.conda", ">refused</em>"), ("later-1-0.conda", ">not indexed yet</em>"),
  ])
  func `what clients cannot install is marked`(_ file: String, _ mark: String) async throws {
    let rows = try await rows("channel/noarch/")

    #expect(try #require(rows.first { $0.link == file }).cells[0].hasSuffix(mark))
    #expect(rows.count { $0.cells[0].contains("</em>") } == 2)
  }

  @Test func `an order of time or size is the visitor's`() async throws {
    let bySize = try await rows("channel/noarch/?sort=size").map(\.link).filter { !$0.isEmpty }

    #expect(bySize.prefix(2) == ["broken-1-0.conda", "later-1-0.conda"])
  }

  @Test func `the index lies below, and other folders are folders`() async throws {
    let page = try await Curl.get(server.url + "channel/noarch/").body
    let other = try await Curl.get(server.url + "channel/notes/").body

    #expect(page.contains("<summary>Other files ("))
    #expect(page.contains("<a href=\"repodata.json\">"))
    #expect(page.contains("<a href=\"../../\">pkg</a><i>/</i><a href=\"../\">channel</a>"))
    #expect(other.contains("<a href=\"tool-1-0.conda\">tool-1-0.conda</a>"))
    #expect(!other.contains("SHA-256"))
  }
}
