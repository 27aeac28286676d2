/// The `.conda` format (CEP 35): a ZIP archive in which one Zstandard tar holds `info/`.
enum CondaFormat {
  /// Finds the `info` part, whatever its stem, and takes from it what an index needs.
  static func members(
    of archive: inout ArchiveStream, limits: ReadLimits
  ) throws(ArchiveError) -> [MetadataMember: [UInt8]] {
    while try archive.next() {
      let name = archive.name
      guard name.starts(with: "info-".utf8),
        name.reversed().starts(with: ".tar.zst".utf8.reversed())
      else { continue }
      var info = try ArchiveStream.open(.tarZstandard, within: archive, limit: limits.info)
      return try InfoMembers.read(from: &info, limits: limits)
    }
    throw .damaged("no info-*.tar.zst inside")
  }
}
