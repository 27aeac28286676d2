internal import ChannelSystem
internal import SystemPackage

/// A package that was read and found fit to be published.
struct ReadPackage: Sendable {
  let version: FileVersion
  let size: Int
  let md5: Digest
  let sha256: Digest
  let record: PackageRecord
  let runExports: RunExports
  let about: AboutInfo
  /// What the checks found that does not keep the package out, a line each.
  let warnings: [String]

  /// Reads the package at `path` and judges it.
  init(
    _ archive: ArchiveName, at path: FilePath, in subdir: Platform, under policy: CheckPolicy,
    now: Int, with reader: inout PackageReader
  ) throws(PackageError) {
    guard archive.isReadableByClients else {
      throw PackageError(
        .unreadableName, path,
        "no client reads an index with a file name that is not plain name-version-build")
    }
    let contents = try reader.contents(of: path, format: archive.format)
    guard let index = contents.members[.index] else {
      throw PackageError(.missingMetadata, path, "no \(MetadataMember.index.rawValue) inside")
    }
    do throws(RecordError) {
      record = try PackageRecord(indexJSON: index)
    } catch {
      throw PackageError(
        .invalidMetadata, path, "\(MetadataMember.index.rawValue) is unusable: \(error)")
    }
    let runExports = RunExports.Reading(
      json: contents.members[.runExports], yaml: contents.members[.runExportsYAML])
    let judge = PackageJudge(
      archive: archive, subdir: subdir, record: record, runExports: runExports, now: now)
    let findings = judge.findings(under: policy)
    if let refused = findings.first(where: { policy[$0.check] == .refuse }) {
      throw PackageError(.init(description: refused.check.name), path, refused.reason)
    }
    warnings = findings.map { "\($0.reason) (\($0.check.name))" }
    self.runExports = runExports.runExports
    about = AboutInfo(contents.members)
    version = FileVersion(contents.status)
    size = contents.size
    md5 = contents.md5
    sha256 = contents.sha256
  }

  /// What the documents need, for a package that first appeared at `appearance`.
  func published(since appearance: Ledger.Appearance) -> PublishedPackage {
    PublishedPackage(
      name: Array(record.name.utf8)[...],
      revision: record.revision,
      record: record.published(
        size: size, md5: md5, sha256: sha256, indexedTimestamp: appearance.milliseconds)[...],
      runExports: JSONWriter.bytes(of: .object(runExports.fields))[...],
      about: JSONWriter.bytes(of: .object(about.fields))[...],
      warnings: warnings)
  }
}
