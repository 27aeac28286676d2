internal import ChannelSystem
internal import SystemPackage

/// The attestations that lie beside packages of a subdir, in `<package>.sigs`.
///
/// The form is that of a proposal that is not accepted yet: a list of bundles, named in the record by
/// its digest, and found by clients under a name with that digest.
struct Attestations: Sendable {
  /// One file beside its package.
  struct Entry: Sendable, Hashable {
    var version: FileVersion
    /// The digest of the file; nil when it is none that clients can use.
    var sha256: Digest?
    /// Why it is none.
    var fault = ""
    /// The digests of the packages that it is about: where it does not say, of the one that it was
    /// found beside.
    var attested: [Digest] = []
  }

  private(set) var entries: [ArchiveName: Entry] = [:]
  /// The packages whose file is still to be published under its digest.
  private(set) var unpublished: [ArchiveName] = []
  /// The published files that no record names any more, and since when, in milliseconds since 1970.
  private(set) var retired: [String: Int] = [:]
  /// The packages whose file is about other bytes, which they may have had before.
  private var misplaced: Set<ArchiveName> = []
  private var known = Memory()

  fileprivate static let sizeLimit = 16 << 20
  private static let suffix = ".sigs"

  /// Whether the next run will know all this without looking into a file.
  var isRemembered: Bool { Memory(entries: entries, retired: retired) == known }

  /// No attestations at all.
  init() {}

  /// Looks at the files that `scan` found, and into those that are new or changed.
  init(_ scan: SubdirScan, in subdir: Platform, of layout: ChannelLayout) {
    known = Memory(of: subdir, layout)
    for (archive, version) in scan.attestations {
      let path = Self.path(of: archive, in: subdir, of: layout)
      let old = known.entries[archive]
      let entry = old?.version == version ? old : Entry(reading: path, version)
      guard let entry else { continue }
      entries[archive] = entry
      guard let sha256 = entry.sha256 else { continue }
      let name = Self.fileName(of: archive, sha256)
      if !scan.publishedAttestations.contains(name) { unpublished.append(archive) }
    }
  }

  /// What must lie there if nothing happened since the last run but `change`.
  init(after change: SubdirChange, in subdir: Platform, of layout: ChannelLayout) {
    known = Memory(of: subdir, layout)
    entries = known.entries
    for archive in change.dismissed { entries[archive] = nil }
    for archive in change.admitted.keys {
      let path = Self.path(of: archive, in: subdir, of: layout)
      let version = Generation.version(of: path)
      if version == nil || entries[archive]?.version != version {
        entries[archive] = version.flatMap { Entry(reading: path, $0) }
      }
      if entries[archive]?.sha256 != nil { unpublished.append(archive) }
    }
  }

  /// The same once it is known which packages they lie beside.
  func beside(_ packages: Ledger, now: Int) -> Attestations {
    var result = self
    for (archive, entry) in entries where entry.sha256 != nil {
      guard let package = packages.sha256(of: archive) else { continue }
      if entry.attested.isEmpty {
        result.entries[archive]?.attested = [package]
      } else if !entry.attested.contains(package) {
        result.misplaced.insert(archive)
      }
    }
    result.unpublished.removeAll(where: result.misplaced.contains)
    let named = Set(result.digests.map { Self.fileName(of: $0.key, $0.value) })
    let published = known.entries.compactMap { archive, entry in
      entry.sha256.map { Self.fileName(of: archive, $0) }
    }
    for name in published + known.retired.keys where !named.contains(name) {
      result.retired[name] = known.retired[name] ?? now
    }
    return result
  }

  /// The package that a file's name says it attests; nil for other files.
  static func package(of fileName: String) -> ArchiveName? {
    fileName.hasSuffix(suffix) ? ArchiveName(fileName.dropLast(suffix.count)) : nil
  }

  /// Whether a file's name is one under which attestations are published.
  static func isPublished(_ fileName: String) -> Bool {
    fileName.utf8.count > 65 && fileName.dropLast(65).hasSuffix(suffix)
      && Digest(hexadecimal: String(fileName.suffix(64))) != nil
  }

  /// The digests that records name.
  var digests: [ArchiveName: Digest] {
    entries.filter { !misplaced.contains($0.key) }.compactMapValues(\.sha256)
  }

  /// The digests in one line, empty when there are none.
  var fingerprint: String {
    let lines = digests.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    if lines.isEmpty { return "" }
    return "attestations=\(Digest.sha256(of: Array(lines.joined(separator: "\n").utf8)))"
  }

  /// What is wrong with files, one line each.
  func warnings(in subdir: Platform, of layout: ChannelLayout) -> [String] {
    entries.sorted { $0.key < $1.key }.compactMap { archive, entry in
      let isMisplaced = misplaced.contains(archive)
      guard entry.sha256 == nil || isMisplaced else { return nil }
      let fault = isMisplaced ? "attests other bytes than the package has" : entry.fault
      let path = Self.path(of: archive, in: subdir, of: layout)
      return "\(path): \(fault), so no client is told of it"
    }
  }

  /// The files that are to be published before any document names them.
  func documents(
    in subdir: Platform, of layout: ChannelLayout
  ) throws(ChannelError) -> [Publication.Document] {
    var documents: [Publication.Document] = []
    for archive in unpublished.sorted() {
      guard let sha256 = entries[archive]?.sha256 else { continue }
      let path = Self.path(of: archive, in: subdir, of: layout)
      guard let bytes = try? Descriptor.contents(of: path), Digest.sha256(of: bytes) == sha256
      else { throw ChannelError(path, "changed while it was read; index again") }
      let file = layout.directory(of: subdir).appending(Self.fileName(of: archive, sha256))
      documents.append(.init(path: file, bytes: bytes))
    }
    return documents
  }

  /// Removes published files that no record has named for `grace` seconds, and says since when the
  /// oldest of the others is retired.
  mutating func collect(
    in directory: FilePath, grace: Int, now: Int, _ publication: Publication
  ) -> Int? {
    for (name, since) in retired where since + grace * 1000 <= now {
      let path = directory.appending(name)
      let bytes = try? Descriptor.contents(of: path)
      // What somebody else has put in its place is theirs.
      let isOurs = bytes.map { name.hasSuffix(".\(Digest.sha256(of: $0))") } ?? false
      if !isOurs || publication.remove(path) { retired[name] = nil }
    }
    return retired.values.min()
  }

  /// What the next run is to know.
  var memory: Memory { Memory(entries: entries, retired: retired) }

  static func path(
    of archive: ArchiveName, in subdir: Platform, of layout: ChannelLayout
  ) -> FilePath {
    layout.directory(of: subdir).appending(archive.fileName + suffix)
  }

  private static func fileName(of archive: ArchiveName, _ sha256: Digest) -> String {
    "\(archive.fileName)\(suffix).\(sha256)"
  }
}

extension Attestations.Entry {
  /// Reads a file; nil when it is gone by now.
  fileprivate init?(reading path: FilePath, _ version: FileVersion) {
    self.init(version: version)
    do throws(Errno) {
      let bytes = try Descriptor(opening: path, options: .nonBlocking).readAll(
        limit: Attestations.sizeLimit)
      guard let value = try? JSONReader.value(in: bytes) else {
        fault = "not JSON"
        return
      }
      guard case .array(let bundles) = value, !bundles.isEmpty,
        bundles.allSatisfy({ $0.object != nil })
      else {
        fault = "not a list of attestations"
        return
      }
      sha256 = Digest.sha256(of: bytes)
      attested = bundles.flatMap(Self.subjects)
    } catch .noSuchFileOrDirectory {
      return nil
    } catch {
      fault = "cannot be read (\(error))"
    }
  }

  /// The digests of the packages that a bundle is about: it holds a statement about them (CEP 27).
  private static func subjects(of bundle: JSONValue) -> [Digest] {
    let envelope = bundle.object?["dsseEnvelope"] ?? bundle
    guard let payload = envelope.object?["payload"]?.string.flatMap(Base64.bytes),
      case .array(let subjects)? = try? JSONReader.value(in: payload).object?["subject"]
    else { return [] }
    return subjects.compactMap { subject in
      subject.object?["digest"]?.object?["sha256"]?.string.flatMap(Digest.init(hexadecimal:))
    }
  }
}
