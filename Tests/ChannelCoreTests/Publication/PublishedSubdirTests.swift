import ChannelCore
import Support
import Testing

/// What the index says of the files beside it.
@Suite struct PublishedSubdirTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  private func published() throws -> PublishedSubdir {
    try PublishedSubdir(.noarch, of: channel.layout)
  }

  @Test func `packages are told as the index lists them`() throws {
    try channel.add(PackageBlueprint("a-b", version: "1.0"))
    try channel.add(PackageBlueprint("old", version: "2"), .tarBz2)
    try channel.index()
    let packages = try published().packages
    let file = try #require(packages.keys.first { $0.hasSuffix(".conda") })
    let package = try #require(packages[file])

    #expect(Set(packages.keys) == Set(try channel.names()))
    #expect((package.name, package.version) == ("a-b", "1.0"))
    #expect(package.build == (try channel.record(file)?["build"]?.string))
    #expect(package.sha256 == (try channel.record(file)?["sha256"]?.string))
    #expect(package.size == (try channel("noarch/\(file)").readBytes().count))
  }

  @Test func `an index of another tool is as good`() throws {
    try channel("noarch/repodata.json").write(
      """
      {"info": {"subdir": "noarch"}, "packages": {"a-1-0.tar.bz2": {"name": "a", "version": "1",
      "build": "0", "build_number": 7, "depends": [{"odd": []}]}}, "packages.conda": {},
      "v3": {"conda": {"b-2-0": {"name": "b", "version": "2", "build": "0", "size": 5}}},
      "removed": ["c-1-0.conda"], "repodata_version": 1}
      """)
    let published = try published()

    #expect(published.packages["a-1-0.tar.bz2"]?.buildNumber == 7)
    #expect(published.packages["a-1-0.tar.bz2"]?.sha256 == "")
    #expect(published.packages["b-2-0.conda"]?.size == 5)
    #expect(published.leftOut == ["c-1-0.conda": .removed])
  }

  @Test func `what was refused is told with its reason`() throws {
    try channel.add(PackageBlueprint("good"))
    try channel("noarch/bad-1-0.conda").write("no package")
    let report = try channel.index()
    let reason = try #require(report.subdirs.flatMap(\.quarantined).first?.reason)

    #expect(try published().leftOut == ["bad-1-0.conda": .refused(reason)])
  }

  @Test func `what was yanked is told with its reason, in its own subdir`() throws {
    try channel("noarch/repodata.json").write(
      #"{"packages": {}, "packages.conda": {"b-1-0.conda": {"name": "b"}}}"#)
    try channel(".channel/yanked.json").write(
      """
      {"packages": {"noarch/a-1-0.conda": {"reason": "wrong", "yanked_at": "now"},
      "noarch/b-1-0.conda": {"reason": "not yet out of the index"},
      "linux-64/c-1-0.conda": {"reason": "elsewhere"}}}
      """)

    #expect(try published().leftOut == ["a-1-0.conda": .yanked("wrong")])
  }

  @Test(arguments: [nil, "", "{", "[]", #"{"packages": {"a-1-0.tar.bz2": 1}}"#, "{} {}"])
  func `no index, or none that can be read, is an error that names it`(_ text: String?) throws {
    if let text { try channel("noarch/repodata.json").write(text) }

    let error = #expect(throws: ChannelError.self) { try published() }
    #expect(error?.description.contains("noarch/repodata.json") == true)
  }
}
