internal import ChannelSystem
internal import SystemPackage

/// A package that was read and found fit to be published.
///
/// What was read is kept in the form in which it is published: a run over a large channel holds a
/// great many of these at a time.
struct ReadPackage: Sendable {
  /// Which file was read.
  var version: FileVersion
  let archive: ArchiveName
  /// The subdir it is for.
  let subdir: Platform
  let sha256: Digest
  private let name: String
  private let revision: PackageRecord.Revision
  private let record: PublishedRecord
  private let runExports: [UInt8]
  private let about: [UInt8]
  /// What the checks found that does not keep the package out, a line each.
  private let warnings: [String]

  /// Reads the package at `path` and judges it, as one for `subdir` or, when that is nil, for the
  /// subdir that its record names.
  init(
    _ archive: ArchiveName, at path: FilePath, in subdir: Platform?, under policy: CheckPolicy,
    now: Int, with reader: inout PackageReader, _ specs: ReadableSpecs
  ) throws(PackageError) {
    guard archive.isReadableByClients else {
      throw PackageError(
        .unreadableName, path,
        "no client reads an index with a file name that is not plain name-version-build")
    }
    var contents = try reader.contents(of: path, format: archive.format)
    // Replaced by a rename meanwhile: the digests of what lies there now are wanted. Not for ever.
    for _ in 0..<3 {
      guard let status = try? FileStatus(of: path), status != contents.status else { break }
      contents = try reader.contents(of: path, format: archive.format)
    }
    guard let index = contents.members[.index] else {
      throw PackageError(.missingMetadata, path, "no \(MetadataMember.index.rawValue) inside")
    }
    let record: PackageRecord
    do throws(RecordError) {
      record = try PackageRecord(indexJSON: index)
    } catch {
      throw PackageError(
        .invalidMetadata, path, "\(MetadataMember.index.rawValue) is unusable: \(error)")
    }
    guard let subdir = subdir ?? record.subdir else {
      throw PackageError(
        .invalidMetadata, path,
        "\(MetadataMember.index.rawValue) does not say for which subdir the package is")
    }
    let runExports = RunExports.Reading(
      json: contents.members[.runExports], yaml: contents.members[.runExportsYAML])
    let judge = PackageJudge(
      archive: archive, subdir: subdir, record: record, runExports: runExports, now: now,
      specs: specs)
    let findings = judge.findings(under: policy)
    if let refused = findings.first(where: { policy[$0.check] == .refuse }) {
      throw PackageError(.init(description: refused.check.name), path, refused.reason)
    }
    warnings = findings.map { "\($0.reason) (\($0.check.name))" }
    self.runExports = JSONWriter.bytes(of: .object(runExports.runExports.fields))
    about = JSONWriter.bytes(of: .object(AboutInfo(contents.members).fields))
    version = FileVersion(contents.status)
    self.archive = archive
    self.subdir = subdir
    sha256 = contents.sha256
    name = record.name
    revision = record.revision
    self.record = record.published(
      size: contents.size, md5: contents.md5, sha256: contents.sha256)
  }

  /// What the documents need, for a package that first appeared at `appearance`.
  func published(since appearance: Ledger.Appearance) -> PublishedPackage {
    PublishedPackage(
      name: Array(name.utf8)[...], revision: revision,
      record: record.json(indexedTimestamp: appearance.milliseconds)[...],
      runExports: runExports[...], about: about[...], warnings: warnings)
  }
}

extension PackageRecord {
  /// The subdir that the package says it is for.
  fileprivate var subdir: Platform? { fields["subdir"]?.string.flatMap { Platform($0) } }
}
