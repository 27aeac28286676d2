import ChannelCore
import Support
import SystemPackage
import Testing

/// Attestations that lie beside packages as `<package>.sigs`.
@Suite struct AttestationTests {
  private let channel: TestChannel
  private let sigs = "noarch/a-1.0-0.conda.sigs"

  init() throws {
    channel = try TestChannel()
    try channel.add(PackageBlueprint("a"))
    try channel.add(PackageBlueprint("b"))
  }

  private func attested(_ name: String = "a-1.0-0.conda") throws -> String? {
    try channel.record(name)?["attestations_sha256"]?.string
  }

  private func digest(_ text: String) -> String { Digest.sha256(of: Array(text.utf8)).description }

  @Test func `a record names the digest, under which the file is published, in every document`()
    throws
  {
    let text = #"[{"bundle":1}]"#
    try channel(sigs).write(text)
    try channel.index { $0.documents.currentRepodata = true }
    let sha256 = digest(text)
    #expect(try attested() == sha256)
    #expect(try attested("b-1.0-0.conda") == nil)
    #expect(try channel("\(sigs).\(sha256)").readText() == text)
    #expect(try channel("noarch/current_repodata.json").readText().contains(sha256))
    let record = try channel.shard(of: "a")["packages.conda"]?["a-1.0-0.conda"]
    #expect(record?["attestations_sha256"]?.string == sha256)
    #expect(!channel("noarch/repodata_from_packages.json").exists)
  }

  @Test func `a file that changes is published anew, and the old one stays for those who ask`()
    throws
  {
    try channel(sigs).write("[{}]")
    try channel.index()
    try channel(sigs).write(#"[{"more":1}]"#)
    let report = try channel.index()
    #expect(report.subdirs[0].updated.map(\.archive.fileName) == ["a-1.0-0.conda"])
    #expect(try attested() == digest(#"[{"more":1}]"#))
    #expect(channel("\(sigs).\(digest("[{}]"))").exists)
    try channel(sigs).removeRecursively()
    try channel.index()
    #expect(try attested() == nil)
  }

  @Test func `an unchanged file is not looked into, and nothing is written`() throws {
    try channel(sigs).write("[{}]")
    try channel.index(now: 1)
    let before = try channel.snapshot()
    try channel.index(now: 2)
    #expect(try channel.snapshot() == before)
  }

  @Test func `what was published under the digest comes back when it was taken away`() throws {
    try channel(sigs).write("[{}]")
    try channel.index()
    let published = channel("\(sigs).\(digest("[{}]"))")
    try published.removeRecursively()
    try channel.index()
    #expect(try published.readText() == "[{}]")
  }

  @Test(arguments: [
    ("[", "not JSON"), ("{}", "not a list of attestations"), ("[]", "not a list of attestations"),
    ("[1]", "not a list of attestations"),
  ])
  func `a file that no client could use is named, and its package is published without`(
    text: String, reason: String
  ) throws {
    try channel(sigs).write(text)
    let warning = "\(channel(sigs)): \(reason), so no client is told of it"
    for _ in 1...2 { #expect(try channel.index().subdirs[0].warnings == [warning]) }
    #expect(try channel.names() == ["a-1.0-0.conda", "b-1.0-0.conda"])
    #expect(try attested() == nil)
  }

  @Test func `attestations of what is no package here are left alone`() throws {
    try channel("noarch/c-1.0-0.conda.sigs").write("[{}]")
    try channel("noarch/notes.sigs").write("[{}]")
    let report = try channel.index()
    #expect(report.subdirs[0].warnings == [])
    #expect(!channel("noarch/c-1.0-0.conda.sigs.\(digest("[{}]"))").exists)
  }
}
