import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct AtomicFileTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  @Test func `a file appears under its name only when it is renamed`() throws {
    let target = directory("document.json")
    let file = try AtomicFile(replacing: target, with: Array("new".utf8))
    #expect(target.exists == false)
    #expect(try directory.path.entryNames().count == 1)
    try file.rename()
    #expect(try target.readText() == "new")
    #expect(try directory.path.entryNames() == ["document.json"])
  }

  @Test func `a file that was never renamed leaves nothing behind`() throws {
    let target = directory("document.json")
    try target.write("old")
    do {
      let file = try AtomicFile(replacing: target, with: Array("new".utf8))
      _ = file.target
      #expect(try target.readText() == "old")
    }
    #expect(try directory.path.entryNames() == ["document.json"])
    #expect(try target.readText() == "old")
  }

  @Test func `whoever has the old file open goes on reading it`() throws {
    let target = directory("document.json")
    try target.write("old")
    let reader = try Descriptor(opening: target)
    let file = try AtomicFile(replacing: target, with: Array("new".utf8))
    try file.rename()
    #expect(try reader.readAll() == Array("old".utf8))
    #expect(try target.readText() == "new")
  }

  @Test func `a target that is a directory or in none is an error and leaves nothing behind`()
    throws
  {
    try directory("in-the-way").createDirectories()
    #expect(throws: Errno.self) {
      let file = try AtomicFile(replacing: directory("in-the-way"), with: Array("new".utf8))
      try file.rename()
    }
    #expect(try directory.path.entryNames() == ["in-the-way"])
    #expect(throws: Errno.noSuchFileOrDirectory) {
      _ = try AtomicFile(replacing: directory("missing/document.json"), with: Array("new".utf8))
    }
  }

  @Test func `a name as long as names can be is replaced as well`() throws {
    let target = directory(String(repeating: "n", count: 255))
    let file = try AtomicFile(replacing: target, with: Array("new".utf8))
    try file.rename()
    #expect(target.exists)
  }

  @Test func `leftovers are removed and nothing else`() throws {
    let names = ["\(AtomicFile.temporaryPrefix)1-2-x", "document.json", ".hidden"]
    for name in names { try directory(name).write("x") }
    AtomicFile.removeLeftovers(in: directory.path)
    #expect(try directory.path.entryNames() == [".hidden", "document.json"])
    AtomicFile.removeLeftovers(in: directory("missing"))
  }
}
