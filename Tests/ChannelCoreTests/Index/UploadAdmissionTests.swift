import ChannelCore
import Support
import SystemPackage
import Testing

/// What those need who let others publish.
@Suite struct UploadAdmissionTests {
  private let channel: TestChannel
  private let package = PackageBlueprint("hello")

  init() throws {
    channel = try TestChannel()
  }

  private func add(
    _ package: PackageBlueprint, as name: String? = nil,
    _ change: (inout PackageCandidate, inout AdmissionOptions) -> Void = { _, _ in }
  ) throws -> AdmissionReport.Outcome? {
    let file = channel.directory("incoming")
    try file.write(try package.conda())
    var candidate = PackageCandidate(file: file, name: name ?? package.condaFileName)
    var options = AdmissionOptions()
    change(&candidate, &options)
    var index = IndexOptions()
    index.policy[.fileName] = .off
    index.policy[.subdir] = .off
    let indexer = ChannelIndexer(channel: channel.root, options: index)
    return try indexer.add([candidate], options: options).entries.first?.outcome
  }

  @Test func `a package that is for another subdir is refused where that is insisted on`() throws {
    let outcome = try add(package) {
      $0.subdir = Platform("linux-64")
      $1.insistsOn = [.subdir]
    }
    guard case .refused(let error) = outcome else {
      Issue.record("it was let in")
      return
    }
    #expect(error.code.description == "subdir")
    #expect(try add(package) { candidate, _ in candidate.subdir = .noarch } == .added)
  }

  @Test func `a package under another's name is refused where that is insisted on`() throws {
    let name = "other-1.0-0.conda"
    guard case .refused = try add(package, as: name, { $1.insistsOn = [.fileName] }) else {
      Issue.record("it was let in")
      return
    }
    #expect(try add(package, as: name) == .added)
  }

  @Test func `attestations are published with their package, and stay once they are there`() throws
  {
    #expect(
      try add(package) { candidate, _ in candidate.attestations = Array("[{}]".utf8) } == .added)
    let file = channel("noarch/hello-1.0-0.conda.sigs")
    #expect(try file.readText() == "[{}]")
    #expect(try channel.record("hello-1.0-0.conda")?["attestations_sha256"] != nil)
    let again = try add(package) { candidate, _ in candidate.attestations = Array("[{},{}]".utf8) }
    #expect(again == .unchanged)
    #expect(try file.readText() == "[{}]")
  }

  @Test func `packages are withdrawn by where they are, whatever their names look like`() throws {
    try channel.add(package)
    try channel.add(PackageBlueprint("hello", version: "2.0"))
    try channel.index()
    let indexer = ChannelIndexer(channel: channel.root)
    let one = try #require(PackageLocation("noarch/hello-1.0-0.conda"))
    let star = try #require(PackageLocation("noarch/hello-*-0.conda"))
    let absent = try #require(PackageLocation("noarch/hello-3.0-0.conda"))

    #expect(try indexer.remove([star, absent]).packages.isEmpty)
    #expect(try indexer.yank([star, absent], reason: "x").packages.isEmpty)
    #expect(try channel.names().count == 2)
    #expect(try indexer.yank([one], reason: "x").packages == [one])
    #expect(try channel.names() == ["hello-2.0-0.conda"])
    #expect(try indexer.unyank([star, absent]).packages.isEmpty)
    #expect(try indexer.unyank([one, absent]).packages == [one])
    #expect(try indexer.remove([one, absent]).packages == [one])
    #expect(try channel.names() == ["hello-2.0-0.conda"])
    #expect(try !channel("noarch").entryNames().contains("hello-1.0-0.conda"))
  }
}
