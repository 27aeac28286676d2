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
  }

  private(set) var entries: [ArchiveName: Entry] = [:]
  /// The packages whose file is still to be published under its digest.
  private(set) var unpublished: [ArchiveName] = []

  fileprivate static let sizeLimit = 16 << 20
  private static let suffix = ".sigs"

  /// Whether the next run will know all this without looking into a file.
  private(set) var isRemembered = true

  /// No attestations at all.
  init() {}

  /// Looks at the files that `scan` found, and into those that are new or changed.
  init(_ scan: SubdirScan, in subdir: Platform, of layout: ChannelLayout) {
    let known = Self.known(in: subdir, of: layout)
    for (archive, version) in scan.attestations {
      let path = Self.path(of: archive, in: subdir, of: layout)
      let old = known[archive]
      let entry = old?.version == version ? old : Entry(reading: path, version)
      guard let entry else { continue }
      entries[archive] = entry
      guard let sha256 = entry.sha256 else { continue }
      let name = Self.fileName(of: archive, sha256)
      if !scan.publishedAttestations.contains(name) { unpublished.append(archive) }
    }
    isRemembered = entries == known
  }

  /// What must lie there if nothing happened since the last run but `change`.
  init(after change: SubdirChange, in subdir: Platform, of layout: ChannelLayout) {
    entries = Self.known(in: subdir, of: layout)
    for archive in change.dismissed { entries[archive] = nil }
    for archive in change.admitted.keys {
      let path = Self.path(of: archive, in: subdir, of: layout)
      entries[archive] = Generation.version(of: path).flatMap { Entry(reading: path, $0) }
      if entries[archive]?.sha256 != nil { unpublished.append(archive) }
    }
    isRemembered = false
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
  var digests: [ArchiveName: Digest] { entries.compactMapValues(\.sha256) }

  /// The digests in one line, empty when there are none.
  var fingerprint: String {
    let lines = digests.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    if lines.isEmpty { return "" }
    return "attestations=\(Digest.sha256(of: Array(lines.joined(separator: "\n").utf8)))"
  }

  /// What is wrong with files, one line each.
  func warnings(in subdir: Platform, of layout: ChannelLayout) -> [String] {
    entries.filter { $0.value.sha256 == nil }.sorted { $0.key < $1.key }.map { archive, entry in
      "\(Self.path(of: archive, in: subdir, of: layout)): \(entry.fault), so no client is told of it"
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

  private static func path(
    of archive: ArchiveName, in subdir: Platform, of layout: ChannelLayout
  ) -> FilePath {
    layout.directory(of: subdir).appending(archive.fileName + suffix)
  }

  private static func fileName(of archive: ArchiveName, _ sha256: Digest) -> String {
    "\(archive.fileName)\(suffix).\(sha256)"
  }

  // MARK: The file

  private static let magic = Array("conda-channel attestations 1\n".utf8)

  /// What the last run knew, so that only files that changed are read.
  private static func known(
    in subdir: Platform, of layout: ChannelLayout
  ) -> [ArchiveName: Entry] {
    guard let bytes = try? Descriptor.contents(of: layout.attestations(of: subdir)),
      var reader = BinaryReader(sealed: bytes, magic: magic)
    else { return [:] }
    var entries: [ArchiveName: Entry] = [:]
    do throws(BinaryReader.Truncated) {
      while !reader.isAtEnd {
        let name = String(decoding: try reader.string(), as: UTF8.self)
        var entry = Entry(version: try FileVersion(reading: &reader))
        let digest = Array(try reader.string())
        if !digest.isEmpty { entry.sha256 = Digest(bytes: digest) }
        entry.fault = String(decoding: try reader.string(), as: UTF8.self)
        if let archive = ArchiveName(name) { entries[archive] = entry }
      }
    } catch {
      return [:]
    }
    return entries
  }

  var bytes: [UInt8] {
    var writer = BinaryWriter()
    writer.append(Self.magic)
    for (archive, entry) in entries.sorted(by: { $0.key < $1.key }) {
      writer.write(archive.fileName.utf8)
      entry.version.write(to: &writer)
      writer.write(entry.sha256?.bytes ?? [])
      writer.write(entry.fault.utf8)
    }
    writer.seal()
    return writer.bytes
  }
}

extension Attestations.Entry {
  /// Reads a file; nil when it is gone by now.
  fileprivate init?(reading path: FilePath, _ version: FileVersion) {
    self.init(version: version)
    do throws(Errno) {
      let bytes = try Descriptor(opening: path, options: .nonBlocking).readAll(
        limit: Attestations.sizeLimit)
      fault = Self.fault(in: bytes)
      if fault.isEmpty { sha256 = Digest.sha256(of: bytes) }
    } catch .noSuchFileOrDirectory {
      return nil
    } catch {
      fault = "cannot be read (\(error))"
    }
  }

  /// Why clients could not use a file; empty when they could.
  private static func fault(in bytes: [UInt8]) -> String {
    guard let value = try? JSONReader.value(in: bytes) else { return "not JSON" }
    guard case .array(let bundles) = value, !bundles.isEmpty,
      bundles.allSatisfy({ $0.object != nil })
    else { return "not a list of attestations" }
    return ""
  }
}
