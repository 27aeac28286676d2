/// What one package tells about all those of its name.
struct PackageFacts: Sendable {
  /// A package and where it lies.
  struct Source: Sendable {
    let subdir: Platform
    let listed: ListedPackage
  }

  let subdir: Platform
  let archive: ArchiveName
  let versionText: String
  /// Where the version stands among those of the name, the newest at 0.
  private var rank = Int.max
  let buildNumber: Int
  /// When it was built, in seconds since 1970; 0 when it does not say.
  let timestamp: Int
  /// What channeldata lists of it, undecoded: many packages of a name say the same.
  let texts: Texts
  private let runExportsJSON: ArraySlice<UInt8>

  /// What a package says of itself.
  struct Texts: Sendable, Hashable {
    fileprivate var about: ArraySlice<UInt8>
    fileprivate var license: JSONSlice?

    /// The members that channeldata lists.
    var members: JSONObject {
      // These bytes are our own writer's; were they damaged, the ledger would have been refused.
      var about = (try? JSONReader.value(in: Array(about)).object) ?? JSONObject()
      // The record's licence is what clients see, and what an operator can amend.
      if let license = license?.string, !license.isEmpty { about["license"] = .string(license) }
      return about
    }
  }

  private init(_ source: Source) {
    subdir = source.subdir
    archive = source.listed.archive
    let package = source.listed.package
    runExportsJSON = package.runExports
    var members = JSONSlice(package.record).members
    buildNumber = members.value(of: "build_number")?.integer ?? 0
    texts = Texts(about: package.about, license: members.value(of: "license"))
    let timestamp = members.value(of: "timestamp")?.integer ?? 0
    versionText = members.value(of: "version")?.string ?? ""
    // Small numbers are seconds: in milliseconds they would lie before any package was built.
    self.timestamp = timestamp <= 253_402_300_799 ? timestamp : timestamp / 1000
  }

  var hasRunExports: Bool { runExportsJSON.count > 2 }

  var runExports: JSONValue {
    (try? JSONReader.value(in: Array(runExportsJSON))) ?? .object(JSONObject())
  }

  /// The icon with this digest, which the package brings.
  func icon(_ hash: JSONValue) -> ChannelData.Icon? {
    hash.string.flatMap(PackageIcon.digest(of:)).map { sha256 in
      .init(sha256: sha256, subdir: subdir, archive: archive)
    }
  }

  /// What each package of one name tells: the newest package first, and the one that tells the most
  /// about its name.
  static func all(_ sources: [Source]) -> [PackageFacts] {
    var packages = sources.map(PackageFacts.init)
    // Many packages share a version, so versions are read and put in order before packages are.
    let versions = Set(packages.map(\.versionText))
      .compactMap { text in PackageVersion(text).map { (text, version: $0) } }
      .sorted { $0.version > $1.version }
    var ranks: [String: Int] = [:]
    var rank = 0
    for (index, (text, version)) in versions.enumerated() {
      if index > 0, versions[index - 1].version != version { rank = index }
      ranks[text] = rank
    }
    for index in packages.indices {
      packages[index].rank = ranks[packages[index].versionText] ?? .max
    }
    return packages.sorted(by: isNewer)
  }

  private static func isNewer(_ left: PackageFacts, _ right: PackageFacts) -> Bool {
    if left.rank != right.rank { return left.rank < right.rank }
    if left.timestamp != right.timestamp { return left.timestamp > right.timestamp }
    if left.buildNumber != right.buildNumber { return left.buildNumber > right.buildNumber }
    if left.archive.format != right.archive.format { return left.archive.format == .conda }
    if left.subdir != right.subdir { return left.subdir < right.subdir }
    return left.archive < right.archive
  }
}
