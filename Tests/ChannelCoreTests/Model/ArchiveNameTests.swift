import ChannelCore
import Testing

@Suite struct ArchiveNameTests {
  @Test(arguments: [
    ("a-1-0.conda", "a-1-0", ArchiveName.Format.conda), ("a-1-0.tar.bz2", "a-1-0", .tarBz2),
    ("x.conda", "x", .conda), ("a.conda.tar.bz2", "a.conda", .tarBz2),
    ("a.tar.bz2.conda", "a.tar.bz2", .conda), ("é-1-0.conda", "é-1-0", .conda),
    ("a b-1-0.conda", "a b-1-0", .conda), ("a-1-0\r\n.conda", "a-1-0\r\n", .conda),
    ("e\u{301}.conda", "e\u{301}", .conda), ("a-1-0..conda", "a-1-0.", .conda),
  ])
  func `a visible name with one of the two extensions is a package's`(
    fileName: String, stem: String, format: ArchiveName.Format
  ) throws {
    let name = try #require(ArchiveName(fileName))
    #expect(name.fileName == fileName)
    #expect(String(name.stem) == stem)
    #expect(name.format == format)
    #expect(name.description == fileName)
  }

  @Test(arguments: [
    "", ".conda", ".tar.bz2", "conda", "a.CONDA", "a.Conda", "a.tar.BZ2", "a.tar", "a.bz2",
    "a.tar.gz", "a.tar.zst", "a.conda.", "a.conda~", "a.conda.part", "a.whl", "a.zip",
    ".a-1-0.conda", ".channel-tmp-1-a.conda", "a-1-0.conda ", "a-1-0.conda\n", "a.cond\u{E1}",
    "repodata.json", "index.html",
  ])
  func `any other name is not`(fileName: String) {
    #expect(ArchiveName(fileName) == nil)
  }

  @Test func `names sort by code point, as Python sorts them`() {
    let names = [
      "b-1-0.conda", "a_-1-0.conda", "B-1-0.conda", "a-1-0.tar.bz2", "a-1-0.conda",
      "a-10-0.conda", "é-1-0.conda", "\u{FFFF}.conda", "😀.conda", "a-1.conda",
    ]
    #expect(
      names.compactMap(ArchiveName.init).sorted().map(\.fileName) == [
        "B-1-0.conda", "a-1-0.conda", "a-1-0.tar.bz2", "a-1.conda", "a-10-0.conda", "a_-1-0.conda",
        "b-1-0.conda", "é-1-0.conda", "\u{FFFF}.conda", "😀.conda",
      ])
  }
}
