import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

/// Directories that go away, or fill up, while a run writes to them.
@Suite struct VanishingTests {
  private static let undisturbed = Result { try ChangingChannel.published(now: 200) }

  @Test(arguments: 1...ChangingChannel.steps, ["noarch", ".channel"])
  func `a directory that vanishes at any step is named, and nothing is lost`(
    step: Int, name: String
  ) throws {
    let channel = try ChangingChannel().channel
    let (directory, elsewhere) = (channel(name), channel.directory("elsewhere"))
    let counter = StepCounter()
    var indexer = channel.indexer(now: 200) { $0.threads = 1 }
    indexer.publicationObserver = { _ in
      if counter.next() == step { try? directory.rename(to: elsewhere) }
    }
    let report = try indexer.run()
    #expect(elsewhere.exists)
    for failure in report.failures {
      #expect(failure.path.starts(with: directory), "\(failure)")
      let reasons = ["No such file or directory", "was removed or replaced during the run"]
      #expect(reasons.contains { failure.reason.contains($0) }, "\(failure)")
    }
    #expect(step > 1 || !report.failures.isEmpty)

    if directory.exists { try directory.removeRecursively() }
    try elsewhere.rename(to: directory)
    #expect(try channel.index(now: 200).failures.isEmpty)
    #expect(try channel.publicFiles() == Self.undisturbed.get())
  }

  /// A disk with room for a few of the files that a run writes, a page each.
  @Test(
    .enabled(if: TinyFileSystem.isAvailable, "needs the right to mount file systems"),
    arguments: 0...14)
  func `a disk that fills up fails the run with its reason and leaves the index whole`(
    freePages: Int
  ) throws {
    let disk = try TinyFileSystem(kilobytes: 512)
    let changing = try ChangingChannel(on: disk.path)
    let channel = changing.channel
    try channel("room").write(Array(repeating: 0, count: freePages * 4096))
    try channel("filler").fillDisk()
    try channel("room").removeRecursively()

    let report = try channel.index(now: 200)
    let undisturbed = try Self.undisturbed.get()
    let found = try channel.publicFiles()
    for subdir in ChangingChannel.subdirs {
      for document in ChangingChannel.documents {
        let path = "\(subdir)/\(document.rawValue)"
        let bytes = try #require(found[path], "\(path)")
        #expect(bytes == changing.before[path] || bytes == undisturbed[path], "\(path)")
      }
    }
    for failure in report.failures {
      #expect(failure.path.starts(with: channel.root))
      #expect(failure.reason.contains("No space left on device"), "\(failure)")
    }
    #expect(freePages > 2 || !report.failures.isEmpty)
    #expect(found.keys.filter { $0.contains(AtomicFile.temporaryPrefix) } == [])

    try channel("filler").removeRecursively()
    #expect(try channel.index(now: 200).failures.isEmpty)
    #expect(try channel.publicFiles() == undisturbed)
  }
}
