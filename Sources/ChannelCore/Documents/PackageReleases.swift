/// The packages of one name by their versions, as `current_repodata.json` chooses among them.
struct PackageReleases: Sendable {
  /// A version and its builds.
  struct Release: Sendable {
    let version: PackageVersion
    fileprivate(set) var builds: [Build]
    /// Whether all its builds are listed.
    var isKept = false

    /// Whether any of the builds satisfies a dependency.
    func satisfies(_ matcher: MatchSpec.Matcher) -> Bool {
      builds.contains { matcher.matches(version: version, build: $0.build.string ?? "") }
    }
  }

  /// One package.
  struct Build: Sendable {
    /// Where it stands among the packages of its subdir.
    let position: Int
    let build: JSONSlice
    let hasFeatures: Bool
    /// Where the `.tar.bz2` of this `.conda` stands.
    let twin: Int?
  }

  /// The newest version first.
  var releases: [Release]

  /// Orders the packages at `positions`, all of one name; those whose version is none are left out, and
  /// of two files of one build the older format is.
  init(_ positions: [Int], of packages: [ListedPackage]) {
    var twins: [Substring: Int] = [:]
    for position in positions where packages[position].archive.format == .tarBz2 {
      twins[packages[position].archive.stem] = position
    }
    let hidden = Set(
      positions.compactMap { position in
        let archive = packages[position].archive
        return archive.format == .conda ? twins[archive.stem] : nil
      })
    var releases: [Release] = []
    // Files of one version stand side by side, so each is read once.
    var last: JSONSlice?
    for position in positions where !hidden.contains(position) {
      let archive = packages[position].archive
      var members = JSONSlice(packages[position].package.record).members
      let build = members.value(of: "build")
      let features = members.value(of: "features")
      let tracked = members.value(of: "track_features")
      guard let version = members.value(of: "version") else { continue }
      if version != last {
        guard let order = version.string.flatMap({ PackageVersion($0) }) else { continue }
        releases.append(Release(version: order, builds: []))
        last = version
      }
      releases[releases.count - 1].builds.append(
        Build(
          position: position, build: build ?? JSONSlice([]),
          hasFeatures: features?.isFilled == true || tracked?.isFilled == true,
          twin: archive.format == .conda ? twins[archive.stem] : nil))
    }
    releases.sort { $0.version > $1.version }
    // `1.0` and `1.0.0` are one version.
    self.releases = releases.reduce(into: []) { merged, release in
      if let last = merged.indices.last, merged[last].version == release.version {
        merged[last].builds += release.builds
      } else {
        merged.append(release)
      }
    }
  }

  /// Keeps the newest version that `isWanted` holds for, and returns its builds if they were not
  /// kept before.
  mutating func keepNewest(where isWanted: (Release) -> Bool) -> [Build] {
    guard let index = releases.firstIndex(where: isWanted), !releases[index].isKept
    else { return [] }
    releases[index].isKept = true
    return releases[index].builds
  }

  /// The builds that are kept and, where each of these has features, which clients avoid, the newest
  /// without.
  var listed: [Build] {
    let kept = releases.filter(\.isKept).flatMap(\.builds)
    guard kept.allSatisfy(\.hasFeatures) else { return kept }
    return kept + releases.lazy.flatMap(\.builds).filter { !$0.hasFeatures }.prefix(1)
  }
}
