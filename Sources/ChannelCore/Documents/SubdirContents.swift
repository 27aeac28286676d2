/// All that the documents of a subdir are made from.
struct SubdirContents: Sendable {
  let subdir: Platform
  /// The packages in the order of their file names, as the operator amended them.
  let packages: [ListedPackage]
  /// The packages that lie there and are left out on the operator's word, in the same order.
  let removed: [ListedPackage]
  /// Where the packages lie, when that is not where the documents lie (CEP 15).
  private(set) var baseURL: String?
  /// Which other channels clients shall load with this one.
  let relations: ChannelRelations
  /// What is listed for clients of revision 3 only; nil when nothing is.
  let revision3: Revision3?

  private let unamended: [ListedPackage]
  private let amendments: AmendedPackages

  init(
    subdir: Platform, packages: [ListedPackage], amended: AmendedPackages = AmendedPackages(),
    baseURL: String?, relations: ChannelRelations = ChannelRelations()
  ) {
    self.subdir = subdir
    unamended = packages
    amendments = amended
    (self.packages, removed) = amended.applied(to: packages)
    self.baseURL = baseURL.map { $0 + ($0.hasSuffix("/") ? "" : "/") + subdir.name + "/" }
    self.relations = relations
    revision3 = Revision3(self.packages)
  }

  private init(_ contents: SubdirContents, listing packages: [ListedPackage]) {
    subdir = contents.subdir
    self.packages = packages
    removed = contents.removed
    unamended = contents.unamended
    amendments = contents.amendments
    baseURL = contents.baseURL
    relations = contents.relations
    revision3 = Revision3(packages)
  }

  /// The same subdir with no more than these of its packages.
  func listing(_ packages: [ListedPackage]) -> SubdirContents {
    SubdirContents(self, listing: packages)
  }

  /// The bounds of what a document lists in `v3` (CEP 48).
  struct Revision3: Sendable {
    let count: Int
    /// Milliseconds since 1970.
    let oldest: Int
    let newest: Int

    init?(_ packages: [ListedPackage]) {
      let appeared = packages.lazy.filter { $0.package.revision == .v3 }.map(\.appeared)
      guard let oldest = appeared.min(), let newest = appeared.max() else { return nil }
      self.oldest = oldest
      self.newest = newest
      count = appeared.count
    }

    /// The value of `repodata_revisions`.
    var document: JSONObject {
      [
        "v3": .object([
          "n_packages": .number(String(count)), "newest": .number(String(newest)),
          "oldest": .number(String(oldest)),
        ])
      ]
    }
  }
}

/// A package as the documents list it.
struct ListedPackage: Sendable {
  var archive: ArchiveName
  var package: PublishedPackage
  /// When it first appeared in the index, in milliseconds since 1970.
  var appeared: Int

  /// The name under which it stands in its map: in `v3` the extension is the map's name.
  var key: String {
    package.revision == .v3 ? String(archive.stem) : archive.fileName
  }
}

// MARK: Amendments

extension SubdirContents {
  /// What would be listed without patches; nil when that is the same.
  var beforePatches: SubdirContents? {
    guard amendments.isPatched else { return nil }
    var original = SubdirContents(
      subdir: subdir, packages: unamended, amended: amendments.withoutPatches, baseURL: nil,
      relations: relations)
    original.baseURL = baseURL
    return original
  }

  /// What amendments make of the packages of each name, as a digest; none for names they leave alone.
  var amendmentsByName: [ArraySlice<UInt8>: Digest] {
    let isAmended = { (archive: ArchiveName) in
      amendments.amended[archive] != nil || amendments.attested[archive] != nil
    }
    guard amendments.isPatched || !removed.isEmpty || !amendments.attested.isEmpty
    else { return [:] }
    let amended = packages.filter { isAmended($0.archive) }
    return Dictionary(grouping: amended + removed) { $0.package.name }.mapValues { group in
      var text = BinaryWriter()
      for listed in group {
        text.write(listed.archive.fileName.utf8)
        guard isAmended(listed.archive) else { continue }
        text.write(listed.package.record)
        text.write(listed.package.runExports)
      }
      return Digest.sha256(of: text.bytes)
    }
  }
}
