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
  let version: PackageVersion?
  let buildNumber: Int
  /// When it was built, in seconds since 1970; 0 when it does not say.
  let timestamp: Int
  /// What channeldata lists of it.
  let about: JSONObject
  private let runExportsJSON: ArraySlice<UInt8>
  /// What `about` was read from.
  private let aboutJSON: ArraySlice<UInt8>
  private let readAbout: JSONObject

  /// Reads what the index lists; builds of one version mostly say the same as `previous`.
  init(_ source: Source, after previous: PackageFacts? = nil) {
    subdir = source.subdir
    archive = source.listed.archive
    let package = source.listed.package
    runExportsJSON = package.runExports
    aboutJSON = package.about
    if let previous, previous.aboutJSON == package.about {
      readAbout = previous.readAbout
    } else {
      // These bytes are our own writer's; were they damaged, the ledger would have been refused.
      readAbout = (try? JSONReader.value(in: Array(package.about)).object) ?? JSONObject()
    }
    var about = readAbout
    var (version, license) = ("", JSONValue?.none)
    var (buildNumber, timestamp) = (0, 0)
    var reader = JSONReader(Array(package.record))
    try? reader.forEachMember { (name, reader) throws(JSONError) in
      switch name {
      case "version": version = try reader.value().string ?? ""
      case "build_number": buildNumber = try reader.value().integer ?? 0
      case "timestamp": timestamp = try reader.value().integer ?? 0
      case "license": license = try reader.value()
      default: try reader.skipValue()
      }
    }
    versionText = version
    self.version = PackageVersion(version)
    self.buildNumber = buildNumber
    // Small numbers are seconds: in milliseconds they would lie before any package was built.
    self.timestamp = timestamp <= 253_402_300_799 ? timestamp : timestamp / 1000
    // The record's licence is what clients see, and what an operator can amend.
    if let license, let text = license.string, !text.isEmpty { about["license"] = license }
    self.about = about
  }

  var hasRunExports: Bool { runExportsJSON.count > 2 }

  var runExports: JSONValue {
    (try? JSONReader.value(in: Array(runExportsJSON))) ?? .object(JSONObject())
  }

  /// The icon that the package brings, if it does.
  var icon: ChannelData.Icon? {
    about[PackageIcon.hashField]?.string.flatMap(PackageIcon.digest(of:)).map { sha256 in
      .init(sha256: sha256, subdir: subdir, archive: archive)
    }
  }

  /// Puts the newest package first, and the one that tells the most about its name.
  static func isNewer(_ left: PackageFacts, _ right: PackageFacts) -> Bool {
    if left.version != right.version {
      guard let version = right.version else { return true }
      return left.version.map { version < $0 } ?? false
    }
    if left.timestamp != right.timestamp { return left.timestamp > right.timestamp }
    if left.buildNumber != right.buildNumber { return left.buildNumber > right.buildNumber }
    if left.archive.format != right.archive.format { return left.archive.format == .conda }
    if left.subdir != right.subdir { return left.subdir < right.subdir }
    return left.archive < right.archive
  }
}
