import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct ByteStabilityTests {
  private func fill(_ channel: TestChannel) throws {
    for name in ["a", "b", "c"] {
      try channel.add(PackageBlueprint(name, depends: ["d"]))
      try channel.add(PackageBlueprint(name, version: "2", subdir: "linux-64"), .tarBz2)
    }
    try channel("noarch/bad-1-0.conda").write("bad")
    try channel("noarch/gone-1.0-0.conda").write(PackageBlueprint("gone").conda())
  }

  @Test(arguments: [1, 2, 4])
  func `a run that finds nothing new changes no byte, no time and no inode`(threads: Int) throws {
    let channel = try TestChannel()
    try fill(channel)
    try channel.index(now: 1, threads: 2)
    try channel("noarch/gone-1.0-0.conda").removeRecursively()
    try channel.index(now: 2, threads: 2)
    let before = try channel.snapshot()
    let directories = try ["noarch", "linux-64"].map { try FileStatus(of: channel($0)).modified }
    #expect(before.keys.contains("noarch/repodata.json.zst"))
    #expect(before.keys.contains(".channel/noarch.ledger"))

    for now in 3...4 {
      let report = try channel.index(now: now, threads: threads)
      #expect(report.subdirs.allSatisfy { $0.written.isEmpty })
      #expect(
        report.subdirs.allSatisfy { $0.added.isEmpty && $0.updated.isEmpty && $0.removed.isEmpty })
    }
    #expect(try channel.snapshot() == before)
    #expect(
      try ["noarch", "linux-64"].map { try FileStatus(of: channel($0)).modified } == directories)
  }

  @Test func `the number of threads changes no byte`() throws {
    let documents = try [1, 2, 4, 16].map { threads in
      let channel = try TestChannel()
      try fill(channel)
      try channel.index(now: 1, threads: threads)
      return try channel.snapshot(withStatus: false).filter { !$0.key.hasPrefix(".channel") }
    }
    #expect(documents[0].keys.contains("noarch/repodata.json.zst"))
    for other in documents.dropFirst() { #expect(other == documents[0]) }
  }

  @Test(arguments: [0, -1])
  func `a senseless number of threads is taken as one`(threads: Int) throws {
    let channel = try TestChannel()
    try fill(channel)
    #expect(try channel.index(threads: threads).subdirs.map(\.published) == [3, 4])
  }

  @Test func `a subdir in which something changed leaves the files of the others alone`() throws {
    let channel = try TestChannel()
    try fill(channel)
    try channel.index(now: 1)
    let before = try channel.snapshot().filter { $0.key.hasPrefix("linux-64/") }
    try channel.add(PackageBlueprint("new"))
    let report = try channel.index(now: 2)
    #expect(report.subdirs.map(\.written.isEmpty) == [true, false])
    #expect(try channel.snapshot().filter { $0.key.hasPrefix("linux-64/") } == before)
  }

  @Test func `the order in which packages arrived does not show`() throws {
    let blueprints = ["a", "b", "c"].map { PackageBlueprint($0) }
    let together = try TestChannel()
    for blueprint in blueprints { try together.add(blueprint) }
    try together.index(now: 1)
    let apart = try TestChannel()
    for blueprint in blueprints.reversed() {
      try apart.add(blueprint)
      try apart.index(now: 1)
    }
    for name in ["noarch/repodata.json", "noarch/repodata.json.zst"] {
      #expect(try together(name).readBytes() == apart(name).readBytes())
    }
  }

  @Test(arguments: ["repodata.json", "repodata.json.zst"])
  func `a document that was lost or altered is made again`(name: String) throws {
    let channel = try TestChannel()
    try fill(channel)
    try channel.index(now: 1)
    let document = channel("noarch/\(name)")
    let bytes = try document.readBytes()
    try document.removeRecursively()
    #expect(try channel.index(now: 2).subdirs.map(\.written.count) == [0, 1])
    #expect(try document.readBytes() == bytes)
    var altered = bytes
    altered[altered.count / 2] ^= 1
    for damage in [altered, [], bytes + [0]] {
      try document.write(damage)
      #expect(try channel.index(now: 3).subdirs.map(\.written.count) == [0, 1])
      #expect(try document.readBytes() == bytes)
    }
  }

  @Test func `published files can be read by everyone`() throws {
    let channel = try TestChannel()
    try fill(channel)
    try channel.index()
    for name in ["repodata.json", "repodata.json.zst"] {
      let status = try channel("noarch/\(name)").stat()
      #expect(status.permissions == [.ownerReadWrite, .groupRead, .otherRead])
    }
  }
}
