import ChannelCore
import Support
import SystemPackage
import Testing

/// Where instructions are read from, and what is refused.
@Suite struct PatchSourceTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    for subdir in ["noarch", "linux-64"] { try channel.add(PackageBlueprint("a", subdir: subdir)) }
  }

  private static func patch(_ license: String) -> String {
    instructions(#""packages.conda":{"a-1.0-0.conda":{"license":"\#(license)"}}"#)
  }

  private func licenses() throws -> [JSONValue?] {
    try ["noarch", "linux-64"].map { try channel.record("a-1.0-0.conda", in: $0)?["license"] }
  }

  // MARK: The forms

  enum Form: CaseIterable {
    case file, directory, conda, tarBz2, tarBz2WithDots
  }

  private func write(_ form: Form, _ files: [(subdir: String, text: String)]) throws -> FilePath {
    let members = files.map { ArchiveMember("\($0.subdir)/patch_instructions.json", text: $0.text) }
    var package = PackageBlueprint("patches")
    package.payload = [ArchiveMember("README", text: "{")] + members
    switch form {
    case .file:
      let text = files.map { "\"\($0.subdir)\":\($0.text)" }.joined(separator: ",")
      return try channel.patches("{\(text)}")
    case .directory:
      for member in members {
        let path = FilePath(member.nameText)
        try channel.directory("patches").appending(path.components).write(member.content)
      }
      try channel.directory("patches").appending("osx-64").createDirectories()
      try channel.directory("patches").appending("README").write("{")
      return channel.directory("patches")
    case .conda:
      let file = channel.directory("patches-1-0.conda")
      try file.write(package.conda())
      return file
    case .tarBz2, .tarBz2WithDots:
      let file = channel.directory("patches-1-0.tar.bz2")
      try file.write(package.tarBz2(prefix: form == .tarBz2 ? "" : "./"))
      return file
    }
  }

  @Test(arguments: Form.allCases)
  func `instructions for each subdir are read from every form`(form: Form) throws {
    let source = try write(
      form, [("noarch", Self.patch("N")), ("linux-64", Self.patch("L"))])
    let report = try channel.index { $0.patches = source }
    #expect(report.warnings + report.subdirs.flatMap(\.warnings) == [])
    #expect(try licenses() == [.string("N"), .string("L")])
  }

  @Test func `instructions of no subdir concern all`() throws {
    try channel.index(patches: Self.patch("E"))
    #expect(try licenses() == [.string("E"), .string("E")])
  }

  @Test func `a subdir without instructions is as it was`() throws {
    let source = try write(.file, [("linux-64", Self.patch("L"))])
    try channel.index { $0.patches = source }
    #expect(try licenses() == [nil, .string("L")])
    #expect(!channel("noarch/repodata_from_packages.json").exists)
  }

  // MARK: What is refused

  private static let malformed: [(text: String, reason: String)] = [
    ("", "invalid JSON at byte 0"), ("[]", "an array where an object should be"),
    ("{", "invalid JSON"), ("{}", "holds no instructions"),
    (#"{"packages":{}}"#, #""patch_instructions_version" is missing"#),
    (#"{"noarch":{}}"#, #"noarch: "patch_instructions_version" is missing"#),
    (#"{"noarch":[]}"#, "noarch: an array, not an object of instructions"),
    (#"{"no-arch-x":{}}"#, #""no-arch-x" is neither a subdir nor a member of instructions"#),
    (instructions(version: 0), #""patch_instructions_version" is 0; known are 1 and 2"#),
    (instructions(version: 3), #""patch_instructions_version" is 3; known are 1 and 2"#),
    (#"{"patch_instructions_version":"1"}"#, #"is "1"; known are 1 and 2"#),
    (instructions(#""packages":[]"#), #""packages" is an array, not an object"#),
    (
      instructions(#""packages.conda":{"a-1.0-0.conda":[]}"#),
      #""packages.conda": "a-1.0-0.conda" is an array, not an object of fields"#
    ),
    (instructions(#""v3":[]"#), #""v3" is an array, not an object"#),
    (instructions(#""v3":{"conda":1}"#), #""v3.conda" is a number, not an object"#),
    (instructions(#""v3":{"whl":{"a":1}}"#), #""v3.whl": "a" is a number, not an object"#),
    (instructions(#""revoke":{}"#), #""revoke" is not an array of file names"#),
    (instructions(#""remove":[1]"#), #""remove" is not an array of file names"#),
    (instructions(#""remove":["a-1.0-0.conda"],"remove":null"#), #""remove" is not an array"#),
  ]

  private func expectRefused(_ path: FilePath, _ reason: String) throws {
    try channel.index()
    let before = try channel.snapshot()
    try channel.add(PackageBlueprint("new"))
    for isRehearsal in [true, false] {
      let error = try #require(throws: ChannelError.self) {
        let indexer = channel.indexer { $0.patches = path }
        _ = isRehearsal ? try indexer.rehearse() : try indexer.run()
      }
      #expect("\(error)".hasPrefix("\(path)"))
      #expect("\(error)".contains(reason))
      #expect(!"\(error)".contains("\n"))
    }
    try channel("noarch/new-1.0-0.conda").removeRecursively()
    #expect(try channel.snapshot() == before)
  }

  @Test(arguments: malformed)
  func `malformed instructions are named, and nothing is published`(
    text: String, reason: String
  ) throws {
    try expectRefused(channel.patches(text), reason)
  }

  @Test func `a source that is not there, or is none, is named`() throws {
    try expectRefused(channel.directory("nothing.json"), "No such file or directory")
    try expectRefused(channel.directory("nothing-1-0.conda"), "No such file or directory")
    let empty = channel.directory("empty")
    try empty.createDirectories()
    try expectRefused(empty, "holds no <subdir>/patch_instructions.json")
    let pipe = channel.directory("pipe-1-0.conda")
    try pipe.createPipe()
    try expectRefused(pipe, "cannot be read")
  }

  @Test(arguments: ArchiveName.Format.allCases)
  func `a package that is damaged or holds no instructions is named`(
    format: ArchiveName.Format
  ) throws {
    let file = channel.directory("patches-1-0\(format.rawValue)")
    func write(_ payload: [ArchiveMember]) throws {
      var package = PackageBlueprint("patches")
      package.payload = payload
      try file.write(format == .conda ? try package.conda() : try package.tarBz2())
    }
    try file.write("garbage")
    try expectRefused(file, "not a readable \(format.rawValue)")
    try write([])
    try expectRefused(file, "holds no <subdir>/patch_instructions.json")
    let member = ArchiveMember("noarch/patch_instructions.json", text: Self.patch("x"))
    try write([member, member])
    try expectRefused(file, "noarch/patch_instructions.json stands there twice")
    try write([ArchiveMember("noarch/patch_instructions.json", text: "[]")])
    try expectRefused(file, "noarch/patch_instructions.json: invalid JSON")
  }

  @Test func `a file of a directory that is a link to nowhere is named`() throws {
    let directory = channel.directory("patches")
    try directory.appending("noarch").createDirectories()
    let file = directory.appending("noarch").appending("patch_instructions.json")
    try file.createSymbolicLink(to: "nowhere")
    #expect(throws: ChannelError.self) { try channel.index { $0.patches = directory } }
  }
}
