import ChannelCore
import Support
import SystemPackage
import Testing

/// Instructions that do nothing are named, and those that would do harm are not followed.
@Suite struct PatchLintTests {
  private let channel: TestChannel

  init() throws {
    channel = try TestChannel()
    for subdir in ["noarch", "linux-64"] {
      try channel.add(PackageBlueprint("a", subdir: subdir))
      try channel.add(PackageBlueprint("only-\(subdir)", subdir: subdir))
    }
  }

  @Test(arguments: [
    (
      #""packages":{"x-1.0-0.tar.bz2":{"license":"X"}}"#,
      #"packages: "x-1.0-0.tar.bz2" matches no package"#
    ),
    (
      #""packages":{"a-1.0-0.conda":{"license":"X"}}"#,
      #"packages: "a-1.0-0.conda" names no package of that kind"#
    ),
    (
      #""packages.conda":{"a-1.0-0.tar.bz2":{}}"#,
      #"packages.conda: "a-1.0-0.tar.bz2" names no package of that kind"#
    ),
    (#""v3":{"conda":{"x-1.0-0":{}}}"#, #"v3.conda: "x-1.0-0" matches no package"#),
    (#""v3":{"whl":{"a-1.0-0":{}}}"#, #"v3.whl: "a-1.0-0" names no package of that kind"#),
    (#""revoke":["x-1.0-0.conda"]"#, #"revoke: "x-1.0-0.conda" matches no package"#),
    (#""remove":["a"]"#, #"remove: "a" names no package of that kind"#),
    (#""removes":[]"#, #""removes" means nothing; ignored"#),
  ])
  func `an instruction that concerns nothing is named, in every run`(
    member: String, warning: String
  ) throws {
    for _ in 1...2 {
      let report = try channel.index(patches: instructions(member))
      #expect(channel.patchWarnings(report) == [warning])
      #expect(String(decoding: report.json, as: UTF8.self).contains("patches.json: "))
    }
    #expect(!channel("noarch/repodata_from_packages.json").exists)
  }

  @Test func `instructions of no subdir are odd only when they concern nothing anywhere`() throws {
    let text = instructions(
      #""remove":["only-noarch-1.0-0.conda","only-linux-64-1.0-0.conda","x-1.0-0.conda"]"#)
    let report = try channel.index(patches: text)
    #expect(channel.patchWarnings(report) == [#"remove: "x-1.0-0.conda" matches no package"#])
  }

  @Test func `of a run over some subdirs nothing is said that only all could tell`() throws {
    try channel.index()
    let linux = try #require(Platform("linux-64"))
    let bare = try channel.patches(instructions(#""remove":["only-noarch-1.0-0.conda"]"#))
    let report = try channel.index {
      $0.patches = bare
      $0.subdirs = [linux]
    }
    #expect(channel.patchWarnings(report) == [])
    let keyed = try channel.patches(#"{"noarch":\#(instructions(#""remove":["x-1-0.conda"]"#))}"#)
    let other = try channel.index {
      $0.patches = keyed
      $0.subdirs = [linux]
    }
    #expect(channel.patchWarnings(other) == [])
  }

  @Test func `instructions for a subdir that the channel lacks are named unless they are empty`()
    throws
  {
    let some = instructions(#""remove":["x-1.0-0.conda"]"#)
    let text = #"{"osx-64":\#(some),"win-64":\#(instructions())}"#
    let report = try channel.index(patches: text)
    #expect(channel.patchWarnings(report) == ["osx-64: the channel has no subdir osx-64"])
  }

  @Test func `a dependency that is no match spec is named`() throws {
    let report = try channel.index(
      patches:
        #"{"noarch":\#(instructions(#""packages.conda":{"a-1.0-0.conda":{"depends":["="]}}"#))}"#)
    #expect(
      channel.patchWarnings(report) == [#"noarch: noarch/a-1.0-0.conda: "=" is not a match spec"#])
  }

  // MARK: Harm

  @Test(arguments: [
    ("depends", #""x""#), ("depends", "[1]"), ("constrains", "{\"a\":1}"), ("build_number", "-1"),
    ("build_number", "null"), ("build_number", "1.5"), ("timestamp", #""now""#),
    ("noarch", #""ruby""#), ("license", "1"), ("license_family", "[]"), ("features", "{\"a\":1}"),
    ("track_features", "1"), ("flags", "{\"a\":1}"), ("purls", #"["x"]"#),
    ("extra_depends", "[]"), ("schema_version", "4"), ("repodata_revision", "9"),
    ("python_site_packages_path", "1"), ("run_exports.weak", "1"),
  ])
  func `an instruction that would make a record unreadable is refused, and nothing is published`(
    field: String, value: String
  ) throws {
    try channel.index()
    let before = try channel.publicFiles()
    try channel.add(PackageBlueprint("new", subdir: "linux-64"))
    let patch =
      field == "run_exports.weak"
      ? #"{"run_exports":{"weak":\#(value)}}"# : #"{"\#(field)":\#(value)}"#
    let text = instructions(
      version: 2, #""packages.conda":{"only-noarch-1.0-0.conda":\#(patch)}"#)
    let failure = try #require(throws: ChannelError.self) {
      try channel.index(patches: text)
    }
    #expect(
      "\(failure)".hasPrefix(
        "\(channel.directory("patches.json")): noarch/only-noarch-1.0-0.conda would become "
          + #"unreadable: "\#(field)": "#))
    try channel("linux-64/new-1.0-0.conda").removeRecursively()
    #expect(try channel.publicFiles() == before)
  }
}
