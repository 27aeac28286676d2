/// Finds packages that stay listed and need exactly one that does not.
///
/// Only what is pinned to one version is looked at, as builds of one recipe pin one another: for any
/// other dependency a newer package does as well.
enum ExactPins {
  /// One line for each listed package of a subdir and each of its pins that only `withheld` packages
  /// of the same subdir would satisfy.
  static func unsatisfied(
    among packages: [ListedPackage], withheld: Set<ArchiveName>
  ) -> [String] {
    var available: [Substring: [Parts]] = [:]
    var missing: [Substring: [Parts]] = [:]
    for package in packages {
      guard let parts = package.archive.parts else { continue }
      if withheld.contains(package.archive) {
        missing[parts.name, default: []].append(parts)
      } else {
        available[parts.name, default: []].append(parts)
      }
    }
    var warnings: [String] = []
    for package in packages where !withheld.contains(package.archive) {
      for dependency in package.package.dependencies {
        // Most names lose nothing, and need no reading.
        let name = dependency.prefix { $0 != " " && $0 != "=" }
        guard let candidates = missing[name], let pin = Pin(dependency),
          candidates.contains(where: pin.isSatisfied),
          available[name]?.contains(where: pin.isSatisfied) != true
        else { continue }
        warnings.append("\(package.archive) needs \(dependency), which is listed no longer")
      }
    }
    return warnings
  }

  fileprivate typealias Parts = (name: Substring, version: Substring, build: Substring)

  /// A dependency on one version, and on one build where it names one.
  private struct Pin {
    private let version: PackageVersion
    private let build: String?

    init?(_ text: String) {
      guard let spec = MatchSpec(text), var version = spec.version,
        spec.build?.contains("*") != true
      else { return nil }
      if version.hasPrefix("==") { version.removeFirst(2) }
      guard version.first?.isNumber == true, !version.contains(where: { "*,|<>=!~ ".contains($0) }),
        let version = PackageVersion(version)
      else { return nil }
      self.version = version
      build = spec.build
    }

    func isSatisfied(by parts: Parts) -> Bool {
      PackageVersion(parts.version) == version
        && build.map { $0.utf8.elementsEqual(parts.build.utf8) } ?? true
    }
  }
}

extension PublishedPackage {
  /// What the record depends on.
  fileprivate var dependencies: [String] {
    var members = JSONSlice(record).members
    return members.value(of: "depends")?.elements.compactMap(\.string) ?? []
  }
}
