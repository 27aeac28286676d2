/// The `.conda` format (CEP 35): a ZIP archive of two Zstandard tars, `pkg` and `info`.
enum CondaFormat {
  /// Finds the `info` part, whatever its stem, and takes from it what an index needs.
  ///
  /// All of the archive's directory is looked at: of several `info` parts clients do not agree on
  /// one, and without a `pkg` part there is nothing to install.
  static func members(
    of archive: inout ZipStream, with unpacker: Unpacker, limits: ReadLimits
  ) throws(ArchiveError) -> [MetadataMember: [UInt8]] {
    var members: [MetadataMember: [UInt8]]?
    var hasPayload = false
    while try archive.next() {
      let name = archive.name
      guard name.suffix(8).elementsEqual(".tar.zst".utf8) else { continue }
      if name.starts(with: "pkg-".utf8) { hasPayload = true }
      guard name.starts(with: "info-".utf8) else { continue }
      guard members == nil else { throw .damaged("more than one info-*.tar.zst inside") }
      unpacker.open(zstandard: archive.member(limit: limits.info))
      var info = TarStream(from: unpacker, limit: limits.info)
      members = try InfoMembers.read(from: &info, limits: limits)
    }
    guard let members else { throw .damaged("no info-*.tar.zst inside") }
    guard hasPayload else { throw .damaged("no pkg-*.tar.zst inside") }
    return members
  }
}
