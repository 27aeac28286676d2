import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct DirectoryEntriesTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  @Test func `every name is met once, hidden ones too, and dots never`() throws {
    let expected = (0..<300).map { "file-\($0)" } + [".hidden", "..twice", "é"]
    for name in expected { try directory(name).write("") }
    var entries = try DirectoryEntries(of: directory.path)
    var names: [String] = []
    while let entry = try entries.next() { names.append(entry.text) }
    #expect(names.sorted() == expected.sorted())
    #expect(try entries.next() == nil)
  }

  @Test func `a name that is not UTF-8 keeps its bytes`() throws {
    let name: [UInt8] = [0x61, 0xFF, 0x62]
    try directory.path.appendingRaw(name).write("four")
    var entries = try DirectoryEntries(of: directory.path)
    let entry = try #require(try entries.next())
    #expect(entry.name == name)
    #expect(try entries.status(of: entry).size == 4)
  }

  @Test func `a link's status is the file's or its own`() throws {
    try directory("link").createSymbolicLink(to: "nowhere")
    var entries = try DirectoryEntries(of: directory.path)
    let entry = try #require(try entries.next())
    #expect(throws: Errno.noSuchFileOrDirectory) { try entries.status(of: entry) }
    #expect(try entries.status(of: entry, followingLinks: false).kind == .symbolicLink)
  }

  @Test func `what is no directory cannot be listed`() throws {
    try directory("file").write("x")
    #expect(throws: Errno.notDirectory) { _ = try DirectoryEntries(of: directory("file")) }
    #expect(throws: Errno.noSuchFileOrDirectory) {
      _ = try DirectoryEntries(of: directory("missing"))
    }
  }

  @Test func `a directory is made with those above it, again without harm`() throws {
    for _ in 1...2 {
      try directory("a/b/c").makeDirectory()
      #expect(try FileStatus(of: directory("a/b/c")).kind == .directory)
    }
    try directory("file").write("x")
    #expect(throws: Errno.notDirectory) { try directory("file").makeDirectory() }
    #expect(throws: Errno.self) { try directory("file/below").makeDirectory() }
  }
}
