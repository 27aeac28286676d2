import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct DescriptorTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  @Test(arguments: [0, 1, 4095, 4096, 100_000])
  func `all bytes are read, from wherever one begins`(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try directory("file").write(bytes)
    let file = try Descriptor(opening: directory("file"))
    #expect(try file.readAll() == bytes)
    var buffer = [UInt8](repeating: 0, count: count + 10)
    for offset in [0, count / 2, count, count + 5] {
      let read = try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
      #expect(Array(buffer[..<read]) == Array(bytes.dropFirst(offset)))
    }
  }

  @Test func `a file that is not there is the system's error`() {
    #expect(throws: Errno.noSuchFileOrDirectory) {
      _ = try Descriptor(opening: directory("missing"))
    }
    #expect(throws: Errno.notDirectory) {
      try directory("file").write("x")
      _ = try Descriptor(opening: directory("file"), options: .directory)
    }
  }

  @Test func `a descriptor closes with its owner unless it was given away`() throws {
    try directory("file").write("x")
    let raw: FileDescriptor
    do {
      let file = try Descriptor(opening: directory("file"))
      raw = file.release()
    }
    #expect(try FileStatus(of: raw).size == 1)
    try raw.close()
  }

  @Test func `a status tells kinds apart and follows links when told to`() throws {
    try directory("file").write("four")
    try directory("directory").createDirectories()
    try directory("pipe").createPipe()
    try directory("link").createSymbolicLink(to: "file")
    try directory("dangling").createSymbolicLink(to: "nowhere")
    #expect(try FileStatus(of: directory("file")).kind == .regular)
    #expect(try FileStatus(of: directory("file")).size == 4)
    #expect(try FileStatus(of: directory("directory")).kind == .directory)
    #expect(try FileStatus(of: directory("pipe")).kind == .other)
    #expect(try FileStatus(of: directory("link")).kind == .regular)
    #expect(try FileStatus(of: directory("link"), followingLinks: false).kind == .symbolicLink)
    #expect(throws: Errno.noSuchFileOrDirectory) { try FileStatus(of: directory("dangling")) }
  }

  @Test func `a status keeps nanoseconds`() throws {
    try directory("file").write("x")
    try directory("file").setModificationTime(seconds: 1_600_000_000, nanoseconds: 123_456_789)
    let modified = try FileStatus(of: directory("file")).modified
    #expect(modified == .init(seconds: 1_600_000_000, nanoseconds: 123_456_789))
    #expect(modified < .init(seconds: 1_600_000_000, nanoseconds: 123_456_790))
  }
}
