/// What amendments make of a subdir's packages: those that are listed otherwise than they lie there.
struct AmendedPackages: Sendable {
  /// Packages that are listed with another record or other run exports.
  var amended: [ArchiveName: PublishedPackage] = [:]
  /// Packages that patches leave out.
  var removed: Set<ArchiveName> = []
  /// Packages that are left out whatever patches say.
  var withheld: Set<ArchiveName> = []

  /// The digests of what attests packages.
  var attested: [ArchiveName: Digest] = [:]

  /// Whether patches change anything that is listed.
  var isPatched: Bool { !amended.isEmpty || !removed.isEmpty }

  /// The same without what patches do.
  var withoutPatches: AmendedPackages {
    AmendedPackages(withheld: withheld, attested: attested)
  }

  /// The packages as the documents list them, and those that are left out.
  func applied(
    to packages: [ListedPackage]
  ) -> (listed: [ListedPackage], removed: [ListedPackage]) {
    if amended.isEmpty && removed.isEmpty && withheld.isEmpty && attested.isEmpty {
      return (packages, [])
    }
    var (listed, leftOut): ([ListedPackage], [ListedPackage]) = ([], [])
    listed.reserveCapacity(packages.count)
    for package in packages {
      if removed.contains(package.archive) || withheld.contains(package.archive) {
        leftOut.append(package)
        continue
      }
      var package = package
      if let amended = amended[package.archive] { package.package = amended }
      if let sha256 = attested[package.archive] { package.package.attest(by: sha256) }
      listed.append(package)
    }
    return (listed, leftOut)
  }
}

/// Which packages of a subdir amendments concern, found by their names alone.
struct AmendmentSelection: Sendable {
  /// What is to be done to one package.
  struct Steps: Sendable {
    /// What to merge into the record, in this order.
    var patches: [JSONObject] = []
    var isRevoked = false
    var isRemoved = false
  }

  let origin: PatchOrigin?
  private(set) var steps: [ArchiveName: Steps] = [:]
  /// The packages that are there and are withheld.
  private(set) var withheld: Set<ArchiveName> = []
  /// The instructions that concern no package, by their positions.
  private(set) var unmatched: [Int] = []
  /// What matching instructions say in vain, one line each.
  private(set) var warnings: [String] = []

  private let attested: [ArchiveName: Digest]

  init(_ amendments: Amendments, among ledger: Ledger) {
    attested = amendments.attestations.digests
    withheld = amendments.withheld.filter { ledger.package($0) != nil }
    origin = amendments.instructions?.origin
    guard let patches = amendments.instructions else { return }
    for (position, instruction) in patches.instructions.enumerated() {
      let targets = instruction.targets.filter { ledger.package($0) != nil }
      guard !targets.isEmpty else {
        unmatched.append(position)
        continue
      }
      for reason in instruction.ignored {
        warnings.append(
          patches.origin.line(
            "\(instruction.section): \"\(instruction.name)\": \(reason); ignored"))
      }
      for target in targets { steps[target, default: Steps()].take(instruction.action) }
    }
  }

  /// The packages that are there and that patches take out.
  var removed: Set<ArchiveName> { Set(steps.filter(\.value.isRemoved).keys) }

  /// Does to the packages what is to be done, and adds to `warnings` what is odd about the outcome.
  ///
  /// - Throws: ``ChannelError`` when a record would become one that clients cannot read.
  func applied(
    to ledger: Ledger, in subdir: Platform, warnings: inout [String]
  ) throws(ChannelError) -> AmendedPackages {
    var result = AmendedPackages(withheld: withheld, attested: attested)
    for (archive, steps) in steps.sorted(by: { $0.key < $1.key }) {
      guard let package = ledger.package(archive), let origin else { continue }
      guard !steps.isRemoved else {
        result.removed.insert(archive)
        continue
      }
      do throws(RecordError) {
        let amended = try package.amended(by: steps)
        guard amended.record != package.record || amended.runExports != package.runExports
        else { continue }
        result.amended[archive] = amended
      } catch {
        throw origin.error("\(subdir)/\(archive) would become unreadable: \(error)")
      }
      for spec in steps.patches.flatMap(\.newSpecs) where MatchSpec(spec) == nil {
        warnings.append(origin.line("\(subdir)/\(archive): \"\(spec)\" is not a match spec"))
      }
    }
    return result
  }
}

extension AmendmentSelection.Steps {
  fileprivate mutating func take(_ action: PatchInstructions.Instruction.Action) {
    switch action {
    case .amend(let fields): patches.append(fields)
    case .revoke: isRevoked = true
    case .remove: isRemoved = true
    }
  }
}

extension JSONObject {
  /// The match specs that a patch puts into a record.
  fileprivate var newSpecs: [String] {
    ["depends", "constrains"].flatMap { self[$0]?.strings ?? [] }
  }
}

extension PublishedPackage {
  /// Names in the record what attests the package.
  fileprivate mutating func attest(by sha256: Digest) {
    guard var fields = try? JSONReader.value(in: Array(record)).object else { return }
    fields["attestations_sha256"] = .string(sha256.description)
    record = JSONWriter.bytes(of: .object(fields))[...]
  }

  /// What no package is called, so that nothing which depends on it can be installed.
  private static let revocation = "package_has_been_revoked"

  /// The package after `steps`, none of which removes it.
  fileprivate func amended(
    by steps: AmendmentSelection.Steps
  ) throws(RecordError) -> PublishedPackage {
    // These bytes are our own writer's; were they damaged, the ledger would have been refused.
    var fields = (try? JSONReader.value(in: Array(record)).object) ?? JSONObject()
    let hadDepends = fields["depends"] != nil
    var exports = JSONObject()
    exports["run_exports"] = try? JSONReader.value(in: Array(runExports))
    for var patch in steps.patches {
      if let value = patch["run_exports"] {
        exports = exports.merged(with: ["run_exports": value])
        patch["run_exports"] = nil
      }
      fields = fields.merged(with: patch)
    }
    // Some clients want the list, even an empty one.
    if fields["depends"] == nil, hadDepends { fields["depends"] = .array([]) }
    if steps.isRevoked {
      fields["revoked"] = .bool(true)
      let depends = fields["depends"]?.strings ?? []
      if !depends.contains(Self.revocation) {
        fields["depends"] = .array((depends + [Self.revocation]).map { .string($0) })
      }
    }
    let record = try PackageRecord(amended: fields, from: revision)
    var amended = self
    amended.revision = record.revision
    amended.record = JSONWriter.bytes(of: .object(record.fields))[...]
    amended.runExports = try Self.runExports(exports["run_exports"] ?? .null)[...]
    return amended
  }

  private static func runExports(_ value: JSONValue) throws(RecordError) -> [UInt8] {
    do throws(RecordError) {
      return JSONWriter.bytes(of: .object(try RunExports(value).fields))
    } catch {
      let field = error.field.map { ".\($0)" } ?? ""
      throw RecordError(field: "run_exports\(field)", reason: error.reason)
    }
  }
}
