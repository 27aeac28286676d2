/// Puts the checks of a policy to one package.
struct PackageJudge {
  /// A check that a package did not pass, and why.
  struct Finding: Sendable, Hashable {
    var check: PackageCheck
    var reason: String
  }

  let archive: ArchiveName
  let subdir: Platform
  let record: PackageRecord
  let runExports: RunExports.Reading
  /// Milliseconds since 1970.
  let now: Int
  let specs: ReadableSpecs

  /// What the package does not pass, of the checks that `policy` makes.
  func findings(under policy: CheckPolicy) -> [Finding] {
    PackageCheck.allCases.flatMap { check in
      policy[check] == .off ? [] : reasons(check).map { Finding(check: check, reason: $0) }
    }
  }

  private func reasons(_ check: PackageCheck) -> [String] {
    switch check {
    case .fileName: fileNameReasons
    case .subdir: subdirReasons
    case .name: nameReasons
    case .syntax: syntaxReasons
    case .matchSpecs: matchSpecReasons
    case .fields: missingFields.map { "\"\($0)\" is missing" }
    case .timestamp: timestampReasons
    case .runExports: runExports.failure.map { [$0] } ?? []
    default: []
    }
  }

  private var fileNameReasons: [String] {
    let expected = "\(record.name)-\(record.version)-\(record.build)"
    if archive.stem.utf8.elementsEqual(expected.utf8) { return [] }
    return ["the record in it is that of \(expected)\(archive.format.rawValue)"]
  }

  private var subdirReasons: [String] {
    guard let own = record.fields["subdir"]?.string, own != subdir.name else { return [] }
    return ["a package for \(own) in the directory of \(subdir)"]
  }

  private var nameReasons: [String] {
    PackageName.isValid(record.name) ? [] : ["\"\(record.name)\" is not a package name (CEP 26)"]
  }

  private var syntaxReasons: [String] {
    var reasons: [String] = []
    if record.version.utf8.count > PackageName.lengthLimit {
      reasons.append("the version is longer than \(PackageName.lengthLimit) characters")
    }
    if !PackageName.isValidBuild(record.build) {
      reasons.append("\"\(record.build)\" is not a build string (CEP 26)")
    }
    if archive.fileName.utf8.count > PackageName.fileNameLengthLimit {
      reasons.append("the file name is longer than \(PackageName.fileNameLengthLimit) characters")
    }
    return reasons
  }

  private var matchSpecReasons: [String] {
    let written = (record.depends ?? []) + (record.constrains ?? [])
    return written.filter { !specs.contains($0) }.map { "\"\($0)\" is not a match spec" }
  }

  private var missingFields: [String] {
    ["depends", "subdir"].filter { record.fields[$0] == nil }
  }

  private var timestampReasons: [String] {
    guard var timestamp = record.fields["timestamp"]?.integer else { return [] }
    // Small numbers are seconds: in milliseconds they would lie before any package was built.
    if timestamp <= 253_402_300_799 { timestamp *= 1000 }
    return timestamp > now ? ["the build's timestamp lies in the future"] : []
  }
}

/// Remembers which match specs could be read: packages of a channel share most of theirs.
///
/// For use on one thread.
final class ReadableSpecs {
  private var known: Set<String> = []

  func contains(_ spec: String) -> Bool {
    if known.contains(spec) { return true }
    guard MatchSpec(spec) != nil else { return false }
    if known.count < 100_000 { known.insert(spec) }
    return true
  }
}
