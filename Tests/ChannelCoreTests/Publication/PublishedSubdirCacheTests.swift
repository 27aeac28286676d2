import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct PublishedSubdirCacheTests {
  private let channel: TestChannel
  private let cache = PublishedSubdirCache()
  private var index: FilePath { channel("noarch/repodata.json") }

  init() throws {
    channel = try TestChannel()
    try write("a")
  }

  private static func text(_ name: String) -> String {
    #"{"packages": {}, "packages.conda": {"\#(name)-1-0.conda": {}}}"#
  }

  private func write(_ name: String) throws {
    try index.write(Self.text(name))
  }

  private func names(_ cache: PublishedSubdirCache? = nil) throws -> [String] {
    try (cache ?? self.cache).subdir(.noarch, of: channel.layout).packages.keys.sorted()
  }

  /// Puts other bytes into the index so that it looks untouched: who reads it would notice.
  private func writeUnnoticeably(_ name: String) throws {
    let time = try FileStatus(of: index).modified
    try index.overwrite(Array(Self.text(name).utf8), at: 0)
    try index.setModificationTime(
      seconds: Int(time.seconds), nanoseconds: Int(time.nanoseconds))
  }

  @Test func `an index that has not changed is not read again`() throws {
    #expect(try names() == ["a-1-0.conda"])
    try writeUnnoticeably("b")

    #expect(try names() == ["a-1-0.conda"])
    #expect(try names(PublishedSubdirCache()) == ["b-1-0.conda"])
  }

  @Test func `an index that was replaced is read again`() throws {
    #expect(try names() == ["a-1-0.conda"])
    try write("b")

    #expect(try names() == ["b-1-0.conda"])
  }

  @Test func `what was yanked since is told`() throws {
    _ = try names()
    try channel(".channel/yanked.json").write(
      #"{"noarch/c-1-0.conda": {"reason": "broken", "yanked_at": "2026-01-01T00:00:00Z"}}"#)
    let fresh = try PublishedSubdir(.noarch, of: channel.layout).leftOut

    #expect(try cache.subdir(.noarch, of: channel.layout).leftOut == fresh)
  }

  @Test func `an index that is gone is an error, and one that comes back is read`() throws {
    _ = try names()
    try index.rename(to: channel("noarch/other.json"))
    #expect(throws: ChannelError.self) { try names() }
    try write("b")

    #expect(try names() == ["b-1-0.conda"])
  }

  @Test func `an index larger than may be kept is read each time`() throws {
    let small = PublishedSubdirCache(capacity: 0)
    #expect(try names(small) == ["a-1-0.conda"])
    try writeUnnoticeably("b")

    #expect(try names(small) == ["b-1-0.conda"])
  }

  @Test func `the subdir that was asked for longest ago gives way`() throws {
    let one = PublishedSubdirCache(capacity: 1)
    _ = try names(one)
    try channel("linux-64/repodata.json").write(
      #"{"packages": {"b-1-0.tar.bz2": {}}, "packages.conda": {}}"#)
    _ = try one.subdir(try #require(Platform("linux-64")), of: channel.layout)
    try writeUnnoticeably("b")

    #expect(try names(one) == ["b-1-0.conda"])
  }
}
