/// `current_repodata.json`: the newest of each package and what that depends on, for the classic
/// solver, which takes all of `repodata.json` only when these do not suffice.
///
/// Each subdir's document stands for itself: a client reads it together with any other channels', so
/// what `noarch` or they could contribute is not known here. That can make it larger, never wrong.
struct CurrentRepodata {
  private let packages: [ListedPackage]
  private var groups: [PackageReleases]
  /// Where the group of each name stands.
  private let positions: [ArraySlice<UInt8>: Int]

  /// The document for `contents`, with the versions that `pins` name kept beside the newest.
  static func document(
    _ contents: SubdirContents, pins: VersionPins, threads: Int
  ) -> [UInt8] {
    var selection = CurrentRepodata(contents.packages, threads: threads)
    selection.keepDependencies(of: selection.keepNewest(and: pins))
    return Repodata.document(contents.listing(selection.listed))
  }

  private init(_ packages: [ListedPackage], threads: Int) {
    self.packages = packages
    var names: [ArraySlice<UInt8>: Int] = [:]
    var groups: [[Int]] = []
    var last: (name: ArraySlice<UInt8>, group: Int)?
    // Clients that read this document know nothing of later revisions.
    for (position, listed) in packages.enumerated() where listed.package.revision == .legacy {
      let name = listed.package.name
      if let last, last.name == name {
        groups[last.group].append(position)
        continue
      }
      let group = names[name] ?? groups.count
      if group == groups.count {
        names[name] = group
        groups.append([])
      }
      groups[group].append(position)
      last = (name, group)
    }
    positions = names
    self.groups = groups.parallelMap(threads: threads, makeContext: {}) { positions, _ in
      PackageReleases(positions, of: packages)
    }
  }

  // MARK: What stays

  private mutating func keepNewest(and pins: VersionPins) -> [PackageReleases.Build] {
    var kept = groups.indices.flatMap { groups[$0].keepNewest { _ in true } }
    for (name, ranges) in pins.ranges {
      guard let group = positions[Array(name.utf8)[...]] else { continue }
      for range in ranges {
        kept += groups[group].keepNewest { range.contains($0.version) }
      }
    }
    return kept
  }

  /// Keeps for every dependency the newest version that satisfies it, and follows what that needs.
  ///
  /// Also where an older one is kept that would do: so it does not matter what is followed first.
  private mutating func keepDependencies(of kept: [PackageReleases.Build]) {
    var waiting = kept
    // What one package needs, many do.
    var seen: Set<ArraySlice<UInt8>> = []
    while let build = waiting.popLast() {
      var members = JSONSlice(packages[build.position].package.record).members
      for dependency in members.value(of: "depends")?.elements ?? []
      where seen.insert(dependency.bytes).inserted && mayNeedMore(dependency) {
        guard let spec = dependency.string.flatMap({ MatchSpec($0) }),
          let group = positions[Array(spec.name.utf8)[...]]
        else { continue }
        let matcher = MatchSpec.Matcher(spec)
        waiting += groups[group].keepNewest { $0.satisfies(matcher) }
      }
    }
  }

  /// Whether a dependency might want what is not kept, as far as its beginning tells: most name
  /// packages of elsewhere, or any version.
  private func mayNeedMore(_ dependency: JSONSlice) -> Bool {
    let text = dependency.bytes.dropFirst().dropLast()
    let name = text.prefix { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
    guard let next = text[name.endIndex...].first else { return false }
    // Otherwise a channel may stand here, or a spelling that only a full reading understands.
    guard next == UInt8(ascii: " ") || (UInt8(ascii: "<")...UInt8(ascii: ">")).contains(next)
    else { return true }
    return positions[name] != nil
  }

  // MARK: What is listed

  private var listed: [ListedPackage] {
    groups.flatMap(\.listed).sorted { $0.position < $1.position }.map { build in
      var listed = packages[build.position]
      guard let twin = build.twin,
        var record = try? JSONReader.value(in: Array(listed.package.record)).object
      else { return listed }
      var members = JSONSlice(packages[twin].package.record).members
      record["legacy_bz2_md5"] = members.value(of: "md5")?.string.map { .string($0) }
      listed.package.record = JSONWriter.bytes(of: .object(record))[...]
      return listed
    }
  }
}
