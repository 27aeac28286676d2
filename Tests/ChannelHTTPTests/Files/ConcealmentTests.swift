import ChannelHTTP
import Support
import Testing

@Suite struct ConcealmentTests {
  private static let name = "repodata_shards.msgpack.zst"

  private func site(_ agents: [String]?) throws -> Site {
    let site = try Site { $0.concealments = [Concealment(of: Self.name, from: agents)] }
    try site.folder.makeFolder("noarch")
    try site.folder.write("shards", to: "noarch/\(Self.name)")
    try site.folder.write("other", to: "noarch/a-\(Self.name)")
    return site
  }

  @Test(arguments: [
    ("mamba/2.8.1 libcurl/8", 404), ("Mamba/1", 404), ("micromamba/1", 200), ("mamb", 200),
    ("conda/26 mamba/2", 200), ("", 200),
  ])
  func `some clients are told that there is no such file`(_ agent: String, _ status: Int) throws {
    let site = try site(["mamba/"])
    for method in ["GET", "HEAD"] {
      let response = try site.request(
        method, "/noarch/\(Self.name)", agent.isEmpty ? [] : ["User-Agent: \(agent)"])
      #expect(response.status == status)
    }
    #expect(try site.request("/noarch/a-\(Self.name)", ["User-Agent: \(agent)"]).text == "other")
  }

  @Test func `caches learn that it depends on the client`() throws {
    let site = try site(["mamba/"])

    #expect(try site.request("/noarch/\(Self.name)")["vary"] == "User-Agent")
    #expect(try site.request("/noarch/a-\(Self.name)")["vary"] == nil)
  }

  @Test func `what nobody gets is missing for all, and depends on nothing`() throws {
    let response = try site(nil).request("/noarch/\(Self.name)")

    #expect(response.status == 404 && response["vary"] == nil)
    #expect(response["cache-control"] == "no-store")
  }
}
