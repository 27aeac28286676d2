import ChannelCore
import Support
import SystemPackage
import Testing

/// Each check of a policy at each level.
@Suite struct PackageCheckTests {
  /// A package that fails one check alone, and what is said of it.
  struct Failing: Sendable, CustomTestStringConvertible {
    var check: PackageCheck
    var blueprint: PackageBlueprint
    var file: String
    var reason: String

    var testDescription: String { "\(check.name): \(reason)" }

    init(
      _ check: PackageCheck, _ blueprint: PackageBlueprint = PackageBlueprint("a"),
      _ fields: [String: String] = [:], file: String? = nil, runExports: String? = nil,
      reason: String
    ) {
      self.check = check
      self.blueprint = blueprint
      self.blueprint.indexFields = fields
      self.blueprint.runExports = runExports
      self.file = file ?? blueprint.condaFileName
      self.reason = reason
    }
  }

  private static let now = 1_700_000_000_000
  private static let long = String(repeating: "1.", count: 32) + "1"

  private static let failing: [Failing] = [
    Failing(.fileName, file: "b-1.0-0.conda", reason: "the record in it is that of a-1.0-0.conda"),
    Failing(.fileName, file: "a-1.0-1.conda", reason: "that of a-1.0-0.conda"),
    Failing(.fileName, file: "A-1.0-0.conda", reason: "that of a-1.0-0.conda"),
    Failing(
      .subdir, PackageBlueprint("a", subdir: "linux-64"),
      reason: "a package for linux-64 in the directory of noarch"),
    Failing(.name, PackageBlueprint("A"), reason: "\"A\" is not a package name"),
    Failing(.name, PackageBlueprint("a__b"), reason: "\"a__b\" is not a package name"),
    Failing(
      .syntax, PackageBlueprint("a", version: long),
      reason: "the version is longer than 64 characters"),
    Failing(.syntax, PackageBlueprint("a", build: "b!"), reason: "\"b!\" is not a build string"),
    Failing(
      .matchSpecs, PackageBlueprint("a", depends: ["b >=1", "c >="]),
      reason: "\"c >=\" is not a match spec"),
    Failing(
      .matchSpecs, PackageBlueprint("a"), ["constrains": #"["d ["]"#],
      reason: "\"d [\" is not a match spec"),
    Failing(
      .timestamp, PackageBlueprint("a"), ["timestamp": "\(now + 1)"],
      reason: "timestamp lies in the future"),
    Failing(
      .timestamp, PackageBlueprint("a"), ["timestamp": "\(now / 1000 + 1)"],
      reason: "timestamp lies in the future"),
    Failing(.runExports, runExports: "1", reason: "info/run_exports.json is unusable"),
  ]

  private func index(
    _ package: Failing, level: PackageCheck.Level?
  ) throws -> (IndexReport, TestChannel) {
    let channel = try TestChannel()
    try channel("noarch/\(package.file)").write(package.blueprint.conda())
    let report = try channel.index(now: Self.now) { options in
      for check in PackageCheck.allCases where check != package.check {
        options.policy[check] = .off
      }
      if let level { options.policy[package.check] = level }
    }
    return (report, channel)
  }

  @Test(arguments: failing)
  func `a package that fails is kept out, warned of or let pass, as the policy says`(
    package: Failing
  ) throws {
    for level in [nil] + PackageCheck.Level.allCases {
      let (report, channel) = try index(package, level: level)
      let warnings = report.subdirs.flatMap(\.warnings)
      switch level ?? package.check.defaultLevel {
      case .refuse:
        #expect(report.quarantined.map(\.code.description) == [package.check.name])
        #expect(report.quarantined.first?.reason.contains(package.reason) == true)
        #expect(try channel.names().isEmpty)
        #expect(warnings.isEmpty)
      case .warn:
        #expect(report.quarantined.isEmpty)
        #expect(warnings.count == 1)
        let path = channel("noarch/\(package.file)")
        #expect(warnings.first?.hasPrefix("\(path): ") == true)
        #expect(warnings.first?.contains(package.reason) == true)
        #expect(warnings.first?.hasSuffix("(\(package.check.name))") == true)
        #expect(try channel.names() == [package.file])
      case .off:
        #expect(report.quarantined.isEmpty)
        #expect(warnings.isEmpty)
        #expect(try channel.names() == [package.file])
      }
    }
  }

  @Test(arguments: [("depends", true), ("subdir", true), ("license", false)])
  func `the check of fields asks for those that CEP 34 requires`(
    field: String, isRequired: Bool
  ) throws {
    let channel = try TestChannel()
    var blueprint = PackageBlueprint("a")
    let fields = [
      "name": #""a""#, "version": #""1.0""#, "build": #""0""#, "build_number": "0",
      "depends": "[]", "subdir": #""noarch""#,
    ].filter { $0.key != field }
    blueprint.extraInfo = [
      ArchiveMember("info/index.json", text: JSONText.object(fields))
    ]
    try channel.add(blueprint)
    #expect(try channel.index().quarantined.isEmpty)
    let report = try channel.index { $0.policy[.fields] = .refuse }
    #expect(report.quarantined.map(\.reason) == (isRequired ? ["\"\(field)\" is missing"] : []))
  }

  @Test(arguments: [0, 1, now / 1000, now])
  func `a build of now or earlier passes, in seconds or milliseconds`(timestamp: Int) throws {
    let package = Failing(.timestamp, .init("a"), ["timestamp": "\(timestamp)"], reason: "")
    let (report, _) = try index(package, level: .refuse)
    #expect(report.quarantined.isEmpty)
  }

  @Test func `a package kept out for its date comes in once its time has come`() throws {
    let channel = try TestChannel()
    var blueprint = PackageBlueprint("a")
    blueprint.indexFields = ["timestamp": "\(Self.now)"]
    try channel.add(blueprint)
    let refuse = { (options: inout IndexOptions) in options.policy[.timestamp] = .refuse }
    #expect(try channel.index(now: Self.now - 1, with: refuse).quarantined.count == 1)
    #expect(try channel.index(now: Self.now, with: refuse).quarantined.isEmpty)
    #expect(try channel.names() == ["a-1.0-0.conda"])
  }

  @Test func `under another policy all packages are judged anew, and judged back`() throws {
    let channel = try TestChannel()
    try channel.add(PackageBlueprint("a", depends: ["b >="]))
    #expect(try channel.index().subdirs.flatMap(\.warnings).count == 1)
    let before = try channel.publicFiles()
    let report = try channel.index { $0.policy[.matchSpecs] = .refuse }
    #expect(report.subdirs.map(\.removed.count) == [1])
    #expect(try channel.names().isEmpty)
    try channel.index(now: 5_000) { $0.policy[.matchSpecs] = .off }
    #expect(try channel.publicFiles()["noarch/repodata.json"] == before["noarch/repodata.json"])
  }

  @Test func `every check has a name of its own and says in one line what it asks for`() {
    #expect(Set(PackageCheck.allCases.map(\.name)).count == PackageCheck.allCases.count)
    for check in PackageCheck.allCases {
      #expect(check.name.allSatisfy { $0.isLowercase || $0 == "-" })
      #expect(check.explanation.hasSuffix(".") && !check.explanation.contains("\n"))
      #expect(CheckPolicy()[check] == check.defaultLevel)
    }
  }

  @Test(arguments: ["a-1.conda", "a.conda", "ä-1-0.conda", "a b-1-0.conda", "a\"-1-0.conda"])
  func `a name at which clients stop reading is kept out whatever the policy`(
    name: String
  ) throws {
    let (report, channel) = try index(
      Failing(.fileName, file: name, reason: ""), level: .off)
    #expect(report.quarantined.map(\.code) == [.unreadableName])
    #expect(try channel.names().isEmpty)
  }
}
