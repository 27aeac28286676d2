import ChannelHTTP
import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct PathResolverTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    try folder.write("x", to: "root/file")
    try folder.write("x", to: "root/a/b/file")
    try folder.write("x", to: "outside/file")
    try folder.write("x", to: "rootx/file")
    try folder.link("root/a/up", to: "../file")
    try folder.link("root/folder", to: "a/b")
    try folder.link("root/twice", to: "folder/../up")
    try folder.link("root/escape", to: "../outside/file")
    try folder.link("root/escaping", to: "../outside")
    try folder.link("root/back", to: "../root/file")
    try folder.link("root/sibling", to: "../rootx/file")
    try folder.link("root/absolute", to: folder.path.appending("root/file").string)
    try folder.link("root/circle", to: "circle")
  }

  private func open(_ name: String, usingKernel: Bool) throws(Errno) -> FileStatus {
    var resolver = try PathResolver(
      root: folder.path.appending("root"), usingKernel: usingKernel)
    let opened = try resolver.open(Array(name.utf8))
    return try FileStatus(of: opened.raw)
  }

  @Test(arguments: ["file", "a/b/file", "a/up", "folder/file", "twice"], [true, false])
  func `what lies beneath the root is opened`(_ name: String, _ usingKernel: Bool) throws {
    #expect(try open(name, usingKernel: usingKernel).kind == .regular)
  }

  @Test(arguments: ["", "a", "folder"], [true, false])
  func `directories are opened too`(_ name: String, _ usingKernel: Bool) throws {
    #expect(try open(name, usingKernel: usingKernel).kind == .directory)
  }

  @Test(
    arguments: [
      "escape", "escaping/file", "back", "sibling", "absolute", "circle", "../outside/file",
      "a/../../outside/file", "file/x", "missing",
    ], [true, false])
  func `nothing else is`(_ name: String, _ usingKernel: Bool) {
    #expect(throws: Errno.self) { try open(name, usingKernel: usingKernel) }
  }

  @Test func `a pipe does not hold anybody up`() throws {
    try folder.makePipe("root/pipe")
    #expect(try open("pipe", usingKernel: true).kind == .other)
    #expect(try open("pipe", usingKernel: false).kind == .other)
  }
}
