import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct ChannelFoldersTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
  }

  private func indexed() throws -> [String] {
    try channel.root.entryNames().filter { channel("\($0)/repodata.json").exists }
  }

  // MARK: Which directories are subdirs

  @Test func `a directory of a platform's form is indexed when it holds a package`() throws {
    for subdir in ["linux-fake", "foo-bar", "linux-loong64"] {
      try channel.add(PackageBlueprint("a", subdir: subdir), .tarBz2)
      try channel("empty-\(subdir.suffix(3))").createDirectories()
    }
    let report = try channel.index()
    #expect(report.warnings.isEmpty)
    #expect(try indexed() == ["foo-bar", "linux-fake", "linux-loong64", "noarch"])
    #expect(try channel.names(in: "linux-fake") == ["a-1.0-0.tar.bz2"])
    #expect(try channel.repodata("foo-bar")["info"]?.object?["subdir"] == .string("foo-bar"))
  }

  @Test func `a known subdir is indexed though it is empty, and noarch is made`() throws {
    try channel("linux-64").createDirectories()
    try channel("zos-z").createDirectories()
    try channel.index()
    #expect(try indexed() == ["linux-64", "noarch", "zos-z"])
  }

  @Test func `an unknown subdir that lost its last package keeps an empty index`() throws {
    let file = try channel.add(PackageBlueprint("a", subdir: "foo-bar"))
    try channel.index()
    try file.removeRecursively()
    let report = try channel.index()
    #expect(report.subdirs.map(\.removed.count) == [1, 0])
    #expect(try channel.names(in: "foo-bar").isEmpty)
  }

  @Test(arguments: ["linux", "Linux-64", "linux-64-gnu", "label", "lost+found", "linux_64"])
  func `packages where no client looks are warned of and left alone`(name: String) throws {
    try channel.add(PackageBlueprint("a"), to: name)
    let report = try channel.index()
    #expect(report.warnings.count == 1)
    #expect(report.warnings.first?.contains(name) == true)
    #expect(try indexed() == ["noarch"])
    #expect(try channel(name).entryNames() == ["a-1.0-0.conda"])
  }

  @Test func `other directories and files are passed over without a word`() throws {
    for name in ["label/main/noarch", "docs", ".git", ".channel-old"] {
      try channel(name).createDirectories()
    }
    try channel.add(PackageBlueprint("a"), to: ".hidden-64")
    try channel("linux-64").write("a file, not a directory")
    try channel("README.md").write("text")
    let report = try channel.index()
    #expect(report.warnings.isEmpty)
    #expect(report.failures.isEmpty)
    #expect(try indexed() == ["noarch"])
    #expect(try channel("label/main/noarch").entryNames().isEmpty)
  }

  @Test func `a link to a directory of packages is a subdir`() throws {
    try channel.directory("elsewhere/a-1.0-0.conda").write(
      PackageBlueprint("a", subdir: "linux-64").conda())
    try channel("linux-64").createSymbolicLink(to: channel.directory("elsewhere"))
    try channel.index()
    #expect(try channel.names(in: "linux-64") == ["a-1.0-0.conda"])
  }

  @Test func `only chosen subdirs are indexed, and noarch where it never was`() throws {
    for subdir in ["linux-64", "osx-64", "noarch"] {
      try channel.add(PackageBlueprint("a", subdir: subdir))
    }
    let linux = try #require(Platform("linux-64"))
    #expect(
      try channel.index(subdirs: [linux, linux]).subdirs.map(\.platform) == [linux, .noarch])
    #expect(try indexed() == ["linux-64", "noarch"])
    #expect(try channel.index(subdirs: [linux]).subdirs.map(\.platform) == [linux])
  }

  @Test func `a chosen subdir that is not there is named and the others are indexed`() throws {
    try channel.add(PackageBlueprint("a"))
    let osx = try #require(Platform("osx-64"))
    let report = try channel.index(subdirs: [.noarch, osx])
    #expect(report.failures.map(\.path) == [channel("osx-64")])
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  // MARK: What is no channel

  @Test(arguments: ["noarch", "linux-64", "foo-bar"])
  func `a subdir given by mistake is refused and left as it was`(subdir: String) throws {
    try channel.add(PackageBlueprint("a"), to: subdir)
    let indexer = ChannelIndexer(channel: channel(subdir))
    for call in [{ try indexer.run() }, { try indexer.layOut() }] {
      let error = #expect(throws: ChannelError.self) { try call() }
      #expect(error?.path == channel(subdir))
      #expect(error?.reason.contains("a-1.0-0.conda") == true)
      #expect(error?.reason.contains("give the directory above it") == true)
    }
    #expect(try channel(subdir).entryNames() == ["a-1.0-0.conda"])
  }

  @Test func `a folder of loose packages is refused with advice`() throws {
    try channel.add(PackageBlueprint("a"), to: ".")
    let error = #expect(throws: ChannelError.self) { try channel.index() }
    #expect(error?.reason.contains("subdirs such as noarch or linux-64") == true)
    #expect(try channel.root.entryNames() == ["a-1.0-0.conda"])
  }

  @Test func `a directory that is not there is refused and not made`() throws {
    let missing = channel("missing")
    let error = #expect(throws: ChannelError.self) { try ChannelIndexer(channel: missing).run() }
    #expect(error?.path == missing)
    #expect(error?.description.contains("\(missing): ") == true)
    #expect(missing.exists == false)
  }

  @Test func `a file in a channel's place is refused`() throws {
    let file = channel("file")
    try file.write("text")
    let indexer = ChannelIndexer(channel: file)
    #expect(throws: ChannelError.self) { try indexer.layOut() }
    let error = #expect(throws: ChannelError.self) { try indexer.run() }
    #expect(error?.description == "\(file): not a directory")
    #expect(try file.readText() == "text")
  }

  // MARK: Laying out

  @Test func `a new channel has its eight subdirs, each with a valid empty index`() throws {
    let root = channel("new/channel")
    let report = try ChannelIndexer(channel: root).layOut()
    #expect(report.failures.isEmpty)
    let names = try root.entryNames().filter { !$0.contains(".") }
    #expect(names == Platform.usual.map(\.name).sorted())
    for name in names {
      let expected =
        #"{"info":{"subdir":"\#(name)"},"packages":{},"packages.conda":{},"removed":[],"#
        + #""repodata_version":1}"#
      #expect(try root.appending("\(name)/repodata.json").readText() == expected)
      let frame = try root.appending("\(name)/repodata.json.zst").readBytes()
      #expect(try ZstandardFrame.contents(of: frame) == Array(expected.utf8))
    }
  }

  @Test func `noarch is laid out whatever is chosen`() throws {
    let platform = try #require(Platform("linux-fake"))
    _ = try ChannelIndexer(channel: channel.root).layOut([platform])
    #expect(channel("linux-fake").exists)
    #expect(channel("noarch/repodata.json").exists)
  }

  @Test func `laying out an existing channel keeps what is there`() throws {
    try channel.add(PackageBlueprint("a", subdir: "linux-64"))
    try channel.index(now: 1)
    let before = try channel.snapshot().filter { $0.key.contains("linux-64") }
    _ = try ChannelIndexer(channel: channel.root).layOut()
    #expect(try channel.snapshot().filter { $0.key.contains("linux-64") } == before)
    #expect(channel("win-64/repodata.json").exists)
  }
}
