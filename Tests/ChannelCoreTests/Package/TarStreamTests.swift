import ChannelCore
import Support
import Testing

@Suite struct TarStreamTests {
  /// What stands in a tar, as a test expects it.
  private struct Found: Equatable {
    var name: String
    var text: String

    init(_ name: String, _ text: String) {
      self.name = name
      self.text = text
    }
  }

  /// Reads the tar out of the archive that a package would have it in.
  private func read<Value>(
    _ tar: HandmadeTar, limit: Int = 1 << 20,
    _ body: (inout TarStream) throws(ArchiveError) -> Value
  ) throws -> Value {
    let frame = try ZstandardCompressor().frame(of: tar.bytes, .shard)
    let package = try ZipFile.bytes(of: [ArchiveMember("tar", frame)], compression: .stored)
    return try package.withUnsafeBytes { package in
      var zip = try ZipStream.reading(package)
      #expect(try zip.next())
      let unpacker = Unpacker()
      unpacker.open(zstandard: zip.member(limit: .max))
      var stream = TarStream(from: unpacker, limit: limit)
      return try body(&stream)
    }
  }

  private func found(in tar: HandmadeTar, limit: Int = 1 << 20) throws -> [Found] {
    try read(tar, limit: limit) { (stream) throws(ArchiveError) in
      var found: [Found] = []
      while try stream.next() {
        let name = String(decoding: stream.name, as: UTF8.self)
        let text = try stream.contents(limit: 4096)
        found.append(Found(name, String(decoding: text, as: UTF8.self)))
      }
      return found
    }
  }

  private func expectRefused(_ tar: HandmadeTar, saying reason: String) {
    let error = #expect(throws: ArchiveError.self) { try found(in: tar) }
    #expect(error?.description.contains(reason) == true, "\(error as Any)")
  }

  private let longName = String(repeating: "long/", count: 40) + "name"

  // MARK: Names

  @Test func `a name is read with the prefix that POSIX puts elsewhere`() throws {
    var tar = HandmadeTar()
    tar.add("index.json", "one", prefix: "info")
    tar.add("./info/about.json", "two")
    tar.add("info/old", "three", magic: HandmadeTar.oldMagic)
    #expect(
      try found(in: tar) == [
        Found("info/index.json", "one"), Found("info/about.json", "two"),
        Found("info/old", "three"),
      ])
  }

  @Test func `what GNU tar keeps where POSIX has a prefix is no part of the name`() throws {
    var tar = HandmadeTar()
    tar.add("info/index.json", "one", prefix: "12345670123", magic: HandmadeTar.gnuMagic)
    #expect(try found(in: tar) == [Found("info/index.json", "one")])
  }

  @Test func `a long name comes before its member, in the way of GNU tar or of POSIX`() throws {
    var tar = HandmadeTar()
    tar.add("././@LongLink", longName + "\0", type: "L", magic: HandmadeTar.gnuMagic)
    tar.add("long/long", "one", magic: HandmadeTar.gnuMagic)
    tar.add(
      "././@PaxHeader", HandmadeTar.attributes([("path", longName), ("mtime", "1")]), type: "x")
    tar.add("long/long", "two")
    tar.add("short", "three")
    #expect(
      try found(in: tar) == [
        Found(longName, "one"), Found(longName, "two"), Found("short", "three"),
      ])
  }

  @Test func `a long name is not that of the member after the next`() throws {
    var tar = HandmadeTar()
    tar.add("././@LongLink", longName + "\0", type: "L", magic: HandmadeTar.gnuMagic)
    tar.add("long/long", "", type: "5", magic: HandmadeTar.gnuMagic)
    tar.add("short", "one", magic: HandmadeTar.gnuMagic)
    #expect(try found(in: tar) == [Found("short", "one")])
  }

  // MARK: Sizes

  @Test func `a size is read in octal digits, in binary and from attributes`() throws {
    var tar = HandmadeTar()
    tar.add("octal", "one")
    tar.add("binary", "two", size: [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3])
    tar.add("header", HandmadeTar.attributes([("size", "5")]), type: "x")
    tar.add("attribute", "three", size: Array("00000000000\0".utf8))
    #expect(
      try found(in: tar) == [
        Found("octal", "one"), Found("binary", "two"), Found("attribute", "three"),
      ])
  }

  @Test(arguments: [
    [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    [0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    Array("0000000000x\0".utf8),
  ])
  func `a size that is none is refused`(size: [UInt8]) {
    var tar = HandmadeTar()
    tar.add("first", "one")
    tar.add("info/index.json", "two", size: size)
    expectRefused(tar, saying: "a damaged header")
  }

  @Test func `a size near the largest number is refused, not added to`() {
    var tar = HandmadeTar()
    tar.add("a", "one", size: [0x80, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
    expectRefused(tar, saying: "without end")
  }

  @Test(arguments: ["1", "2", "3", "5", "6"])
  func `a link, directory or device has no bytes, whatever its size`(type: Character) throws {
    var tar = HandmadeTar()
    tar.add("other", "", type: type, size: Array("00000001000\0".utf8))
    tar.add("info/index.json", "one")
    #expect(try found(in: tar) == [Found("info/index.json", "one")])
  }

  @Test(arguments: ["g", "K", "V", "A"])
  func `a header about something else is passed over with its bytes`(type: Character) throws {
    var tar = HandmadeTar()
    tar.add("other", String(repeating: "x", count: 700), type: type)
    tar.add("info/index.json", "one")
    #expect(try found(in: tar) == [Found("info/index.json", "one")])
  }

  @Test func `a directory of the time before types is no file`() throws {
    var tar = HandmadeTar()
    tar.add("info/", "", type: "\0", magic: HandmadeTar.oldMagic)
    tar.add("info/index.json", "one", type: "\0", magic: HandmadeTar.oldMagic)
    #expect(try found(in: tar) == [Found("info/index.json", "one")])
  }

  // MARK: Holes

  @Test func `a file with holes is passed over, however many there are`() throws {
    var tar = HandmadeTar()
    tar.add("image", "data", type: "S", magic: HandmadeTar.gnuMagic, holeBlocks: 2)
    tar.add("info/index.json", "one")
    let name = try read(tar) { (stream) throws(ArchiveError) in
      #expect(try stream.next())
      #expect(try stream.next())
      return stream.name
    }
    #expect(name == Array("info/index.json".utf8))
  }

  @Test func `the bytes of a file with holes are not taken for the file`() {
    var tar = HandmadeTar()
    tar.add("image", "data", type: "S", magic: HandmadeTar.gnuMagic)
    expectRefused(tar, saying: "image is stored with holes")
    tar = HandmadeTar()
    let attributes = [
      ("GNU.sparse.major", "1"), ("GNU.sparse.name", "info/index.json"),
      ("path", "GNUSparseFile.0/x"),
    ]
    tar.add("header", HandmadeTar.attributes(attributes), type: "x")
    tar.add("GNUSparseFile.0/x", "data")
    expectRefused(tar, saying: "info/index.json is stored with holes")
  }

  // MARK: Damage

  @Test func `a sum of signed bytes is as good as one of unsigned bytes`() throws {
    var tar = HandmadeTar()
    tar.add("näme", "one", addsSignedBytes: true)
    tar.add("näme", "two")
    #expect(try found(in: tar) == [Found("näme", "one"), Found("näme", "two")])
  }

  @Test func `bytes that are no tar, and a header that was changed, are refused`() {
    var tar = HandmadeTar()
    tar.bytes = Array(repeating: 7, count: 1024)
    expectRefused(tar, saying: "not a tar")
    tar = HandmadeTar()
    tar.add("a", "one")
    tar.add("b", "two")
    tar.bytes[1024] = UInt8(ascii: "c")
    expectRefused(tar, saying: "a damaged header")
  }

  @Test(arguments: ["12 path=abc", "999 path=a\n", "8 path=a\n", "x path=a\n", "7 path\n", "0 =\n"])
  func `attributes that are none are refused`(attributes: String) {
    var tar = HandmadeTar()
    tar.add("header", attributes, type: "x")
    tar.add("a", "one")
    expectRefused(tar, saying: "unreadable attributes")
  }

  @Test func `a tar that is cut off gives what is whole, and then an error or its end`() throws {
    var tar = HandmadeTar()
    tar.add("a", "one")
    tar.add("header", HandmadeTar.attributes([("path", "info/index.json")]), type: "x")
    tar.add("b", String(repeating: "two", count: 300))
    let all = try found(in: tar)
    for end in stride(from: 0, to: tar.bytes.count, by: 13) {
      var cut = tar
      cut.bytes = Array(tar.bytes[..<end])
      guard let found = try? found(in: cut) else { continue }
      #expect(found == Array(all.prefix(found.count)), "cut at \(end)")
    }
  }

  @Test func `nothing behind an empty block is read`() throws {
    var tar = HandmadeTar()
    tar.add("a", "one")
    tar.bytes += Array(repeating: 0, count: 512)
    tar.add("b", "two")
    #expect(try found(in: tar) == [Found("a", "one")])
  }

  @Test func `a tar beyond the limit is refused, even where nothing of it is wanted`() {
    var tar = HandmadeTar()
    tar.add("other", String(repeating: "x", count: 5000), type: "g")
    let error = #expect(throws: ArchiveError.self) { try found(in: tar, limit: 4096) }
    #expect(error == .limitExceeded(what: "the unpacked archive", bytes: 4096))
  }
}
