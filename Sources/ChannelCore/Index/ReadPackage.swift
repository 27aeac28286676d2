internal import ChannelSystem
internal import SystemPackage

/// A package that was read and found fit to be published.
struct ReadPackage: Sendable {
  let version: FileVersion
  let size: Int
  let md5: Digest
  let sha256: Digest
  let record: PackageRecord

  /// Reads the package at `path`.
  init(
    _ archive: ArchiveName, at path: FilePath, with reader: inout PackageReader
  ) throws(PackageError) {
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
    version = FileVersion(contents.status)
    size = contents.size
    md5 = contents.md5
    sha256 = contents.sha256
  }

  /// What the documents need, for a package that first appeared at `appearance`.
  func published(since appearance: Ledger.Appearance) -> PublishedPackage {
    PublishedPackage(
      name: Array(record.name.utf8)[...],
      record: record.published(
        size: size, md5: md5, sha256: sha256, indexedTimestamp: appearance.milliseconds)[...])
  }
}
