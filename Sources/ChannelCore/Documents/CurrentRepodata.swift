/// `current_repodata.json`: the newest of each package and what that depends on, for the classic
/// solver, which takes all of `repodata.json` only when these do not suffice.
///
/// Each subdir's document stands for itself: a client reads it together with any other channels', so
/// what `noarch` or they could contribute is not known here. That can make it larger, never wrong.
struct CurrentRepodata {
  /// One package and what decides whether it stays.
  fileprivate struct Candidate {
    var listed: ListedPackage
    var name: String
    var version: PackageVersion
    var build: String
    var hasFeatures: Bool
    var md5: String
  }

  private let contents: SubdirContents
  /// By name, newest version first.
  private let groups: [String: [Candidate]]
  private var kept: [String: [Candidate]] = [:]

  /// The document for `contents`, with the versions that `pins` name kept beside the newest.
  static func document(
    _ contents: SubdirContents, pins: VersionPins, threads: Int
  ) -> [UInt8] {
    var selection = CurrentRepodata(contents, threads: threads)
    selection.keepNewest(and: pins)
    selection.keepDependencies()
    selection.keepFeatureless()
    return Repodata.document(contents.listing(selection.packages))
  }

  private init(_ contents: SubdirContents, threads: Int) {
    self.contents = contents
    // Clients that read this document know nothing of later revisions.
    let legacy = contents.packages.filter { $0.package.revision == .legacy }
    let twins = Set(legacy.filter { $0.archive.format == .conda }.map { String($0.archive.stem) })
    let candidates = legacy.parallelMap(threads: threads, makeContext: {}) { listed, _ in
      listed.archive.format == .tarBz2 && twins.contains(String(listed.archive.stem))
        ? nil : Candidate(listed)
    }
    groups = Dictionary(grouping: candidates.compactMap(\.self), by: \.name)
      .mapValues { group in group.sorted { $0.version > $1.version } }
  }

  // MARK: What stays

  private mutating func keepNewest(and pins: VersionPins) {
    for (name, group) in groups {
      guard let newest = group.first else { continue }
      keep(newest.version, of: name)
      for pin in pins.ranges[name] ?? [] {
        guard let pinned = group.first(where: { pin.contains($0.version) }) else { continue }
        keep(pinned.version, of: name)
      }
    }
  }

  /// Keeps all builds of a version, and returns those that were not kept before.
  @discardableResult
  private mutating func keep(_ version: PackageVersion, of name: String) -> [Candidate] {
    if kept[name]?.contains(where: { $0.version == version }) == true { return [] }
    let builds = (groups[name] ?? []).filter { $0.version == version }
    kept[name, default: []] += builds
    return builds
  }

  /// Keeps for every dependency the newest version that satisfies it, and follows what that needs.
  private mutating func keepDependencies() {
    var waiting = kept.values.flatMap(\.self)
    var seen: Set<String> = []
    while let candidate = waiting.popLast() {
      for text in candidate.depends where seen.insert(text).inserted {
        guard let spec = MatchSpec(text), let group = groups[spec.name] else { continue }
        let matcher = MatchSpec.Matcher(spec)
        if kept[spec.name]?.contains(where: { $0.satisfies(matcher) }) == true { continue }
        if let newest = group.first(where: { $0.satisfies(matcher) }) {
          waiting += keep(newest.version, of: spec.name)
        }
      }
    }
  }

  /// Keeps a build without features beside those that have some, which clients avoid.
  private mutating func keepFeatureless() {
    for (name, builds) in kept where builds.allSatisfy(\.hasFeatures) {
      guard let plain = groups[name]?.first(where: { !$0.hasFeatures }) else { continue }
      kept[name]?.append(plain)
    }
  }

  // MARK: What is listed

  private var packages: [ListedPackage] {
    let names = Set(kept.values.flatMap(\.self).map(\.listed.archive))
    let twins = contents.packages.filter { listed in
      listed.archive.format == .tarBz2 && listed.package.revision == .legacy
    }.reduce(into: [:]) { twins, listed in twins[String(listed.archive.stem)] = listed }
    return contents.packages.filter { names.contains($0.archive) }.map { listed in
      guard listed.archive.format == .conda, let twin = twins[String(listed.archive.stem)],
        var record = try? JSONReader.value(in: Array(listed.package.record)).object
      else { return listed }
      record["legacy_bz2_md5"] = Candidate(twin).map { .string($0.md5) }
      var listed = listed
      listed.package.record = JSONWriter.bytes(of: .object(record))[...]
      return listed
    }
  }
}

extension CurrentRepodata.Candidate {
  /// Takes in a package; nil when its version is none.
  fileprivate init?(_ listed: ListedPackage) {
    var (version, build, md5, hasFeatures) = ("", "", "", false)
    var reader = JSONReader(Array(listed.package.record))
    try? reader.forEachMember { (name, reader) throws(JSONError) in
      switch name {
      case "version": version = try reader.value().string ?? ""
      case "build": build = try reader.value().string ?? ""
      case "md5": md5 = try reader.value().string ?? ""
      case "features", "track_features":
        let value = try reader.value()
        hasFeatures = hasFeatures || !(value.strings?.isEmpty ?? value.string?.isEmpty ?? true)
      default: try reader.skipValue()
      }
    }
    guard let order = PackageVersion(version) else { return nil }
    name = String(decoding: listed.package.name, as: UTF8.self)
    self.version = order
    self.build = build
    self.md5 = md5
    self.hasFeatures = hasFeatures
    self.listed = listed
  }

  fileprivate func satisfies(_ matcher: MatchSpec.Matcher) -> Bool {
    matcher.matches(version: version, build: build)
  }

  fileprivate var depends: [String] {
    let record = try? JSONReader.value(in: Array(listed.package.record)).object
    return record?["depends"]?.strings ?? []
  }
}
