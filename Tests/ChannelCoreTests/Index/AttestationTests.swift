import ChannelCore
import Foundation
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

  // MARK: What nobody asks for any more

  private func publishedNames() throws -> [String] {
    try channel("noarch").entryNames().filter { $0.contains(".sigs.") }.sorted()
  }

  private func index(now: Int, grace: Int = 10) throws -> IndexReport {
    try channel.index(now: now) { $0.documents.shardGrace = grace }
  }

  @Test func `what no record names is removed after the time that shards stay`() throws {
    try channel(sigs).write("[{}]")
    _ = try index(now: 1_000)
    try channel(sigs).write(#"[{"more":1}]"#)
    _ = try index(now: 2_000)
    #expect(try publishedNames().count == 2)
    _ = try index(now: 11_999)
    #expect(try publishedNames().count == 2)
    _ = try index(now: 12_000)
    #expect(try publishedNames() == ["a-1.0-0.conda.sigs.\(digest(#"[{"more":1}]"#))"])
    let settled = try channel.snapshot()
    _ = try index(now: 99_000)
    #expect(try channel.snapshot() == settled)
  }

  @Test func `with a package its published attestations go, too`() throws {
    try channel(sigs).write("[{}]")
    _ = try index(now: 1_000)
    let pattern = try #require(PackagePattern("a-1.0-0"))
    _ = try channel.indexer(now: 2_000) { $0.documents.shardGrace = 10 }.remove([pattern])
    #expect(try publishedNames().count == 1)
    _ = try index(now: 12_000)
    #expect(try publishedNames() == [])
  }

  @Test func `what is named again meanwhile stays`() throws {
    try channel(sigs).write("[{}]")
    _ = try index(now: 1_000)
    try channel(sigs).write(#"[{"more":1}]"#)
    _ = try index(now: 2_000)
    try channel(sigs).write("[{}]")
    _ = try index(now: 3_000)
    _ = try index(now: 99_000)
    #expect(try publishedNames() == ["a-1.0-0.conda.sigs.\(digest("[{}]"))"])
  }

  @Test func `what somebody else has put in its place is theirs`() throws {
    try channel(sigs).write("[{}]")
    _ = try index(now: 1_000)
    let name = try #require(try publishedNames().first)
    try channel("noarch/\(name)").write("mine")
    try channel(sigs).removeRecursively()
    _ = try index(now: 2_000)
    _ = try index(now: 99_000)
    #expect(try channel("noarch/\(name)").readText() == "mine")
  }

  // MARK: Which bytes they are about

  /// A bundle that holds a statement about a package of this digest.
  private func bundle(about sha256: String) -> String {
    let statement = #"{"subject":[{"digest":{"sha256":"\#(sha256)"},"name":"a-1.0-0.conda"}]}"#
    let payload = Data(statement.utf8).base64EncodedString()
    return #"[{"dsseEnvelope":{"payload":"\#(payload)"}}]"#
  }

  private func replacePackage() throws -> String {
    let file = channel.directory("a-1.0-0.conda")
    let bytes = try PackageBlueprint("a", depends: ["b"]).conda()
    try file.write(bytes)
    var options = AdmissionOptions()
    options.replaces = true
    let report = try channel.indexer(now: 5_000).add(
      [PackageCandidate(file: file)], options: options)
    #expect(report.entries.map(\.outcome) == [.replaced])
    return Digest.sha256(of: bytes).description
  }

  private var misplaced: [String] {
    [
      "\(channel(sigs)): attests other bytes than the package has, so no client is told of it"
    ]
  }

  @Test(arguments: [true, false])
  func `a package that was replaced is not attested by what was about the old one`(
    saysWhich: Bool
  ) throws {
    let old = try Digest.sha256(of: channel("noarch/a-1.0-0.conda").readBytes())
    try channel(sigs).write(saysWhich ? bundle(about: old.description) : "[{}]")
    try channel.index()
    #expect(try attested() != nil)
    let new = try replacePackage()
    #expect(try attested() == nil)
    #expect(try channel.index(now: 6_000).subdirs[0].warnings == misplaced)
    let text = saysWhich ? bundle(about: new) : "[{},{}]"
    try channel(sigs).write(text)
    #expect(try channel.index(now: 7_000).subdirs[0].warnings == [])
    #expect(try attested() == digest(text))
  }

  @Test func `attestations may come before the bytes that they are about`() throws {
    let new = Digest.sha256(of: try PackageBlueprint("a", depends: ["b"]).conda()).description
    try channel(sigs).write(bundle(about: new))
    #expect(try channel.index().subdirs[0].warnings == misplaced)
    #expect(try attested() == nil)
    #expect(try publishedNames() == [])
    #expect(try replacePackage() == new)
    #expect(try attested() == digest(bundle(about: new)))
    #expect(try publishedNames().count == 1)
  }
}
