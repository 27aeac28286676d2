/// Which packages an index lists no longer because newer ones have taken their place.
///
/// The rules apply to each name of a subdir on its own. A package stays listed when one of them asks
/// for it, and the newest of a name always does.
public struct RetentionRules: Sendable, Hashable {
  /// How many versions of a name stay, the newest first; nil for all.
  public var versions: Int?
  /// How many build numbers of a version stay, the highest first, each with all its variants; nil for
  /// all.
  public var builds: Int?
  /// For how many days after its first appearance a package stays in any case; nil for no such rule.
  ///
  /// As the only rule it says that older packages go.
  public var days: Double?
  /// Packages that always stay.
  public var kept: [PackagePattern] = []

  /// Everything stays.
  public init() {}

  /// Whether everything stays.
  public var keepsAll: Bool { versions == nil && builds == nil && days == nil }

  /// The packages of a subdir that go, each with the rule that did not keep it.
  ///
  /// `now` is in milliseconds since 1970.
  func expired(
    _ packages: [ListedPackage], in subdir: Platform, now: Int
  ) -> [ArchiveName: String] {
    guard !keepsAll else { return [:] }
    var expired: [ArchiveName: String] = [:]
    for group in Dictionary(grouping: packages, by: { $0.package.name }).values {
      // A version that cannot be ordered is nobody's predecessor.
      let candidates = group.compactMap(Candidate.init).sorted { $1.isOlder(than: $0) }
      guard let newest = candidates.first else { continue }
      let standing = Standing(candidates)
      for candidate in candidates where candidate.archive.stem != newest.archive.stem {
        guard let reason = reason(candidate, standing, now: now) else { continue }
        let location = PackageLocation(candidate.archive, in: subdir)
        if kept.contains(where: { $0.matches(location) }) { continue }
        expired[candidate.archive] = reason
      }
    }
    return expired
  }

  private func reason(_ candidate: Candidate, _ standing: Standing, now: Int) -> String? {
    var reasons: [String] = []
    if let days {
      if Double(now - candidate.appeared) <= days * 86_400_000 { return nil }
      reasons.append("older than \(Self.text(days)) days")
    }
    guard versions != nil || builds != nil else { return reasons.first }
    if let versions, let rank = standing.versions[candidate.version], rank >= versions {
      reasons.append("not among the newest \(versions) versions")
    } else if let builds,
      let rank = standing.builds[candidate.version]?[candidate.buildNumber], rank >= builds
    {
      reasons.append("not among the newest \(builds) builds of \(candidate.version)")
    } else {
      return nil
    }
    return reasons.joined(separator: ", ")
  }

  private static func text(_ days: Double) -> String {
    days == days.rounded() && days < 1e9 ? String(Int(days)) : "\(days)"
  }
}

/// What the rules look at in a package.
private struct Candidate {
  let archive: ArchiveName
  let version: PackageVersion
  let buildNumber: Int
  let appeared: Int

  init?(_ listed: ListedPackage) {
    guard let parts = listed.archive.parts, let version = PackageVersion(parts.version)
    else { return nil }
    archive = listed.archive
    self.version = version
    buildNumber = listed.package.buildNumber
    appeared = listed.appeared
  }

  func isOlder(than other: Candidate) -> Bool {
    if version != other.version { return version < other.version }
    return (buildNumber, appeared) < (other.buildNumber, other.appeared)
  }
}

/// How many versions of a name, and builds of a version, are newer than each.
private struct Standing {
  private(set) var versions: [PackageVersion: Int] = [:]
  private(set) var builds: [PackageVersion: [Int: Int]] = [:]

  /// Counts candidates that stand with the newest first.
  init(_ candidates: [Candidate]) {
    for candidate in candidates {
      if versions[candidate.version] == nil { versions[candidate.version] = versions.count }
      let known = builds[candidate.version, default: [:]]
      if known[candidate.buildNumber] == nil {
        builds[candidate.version, default: [:]][candidate.buildNumber] = known.count
      }
    }
  }
}

extension PublishedPackage {
  /// The build number in the record; 0 when there is none.
  fileprivate var buildNumber: Int {
    var members = JSONSlice(record).members
    return members.value(of: "build_number")?.integer ?? 0
  }
}
