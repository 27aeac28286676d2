/// The `.tar.bz2` format (CEP 35): one tar, in which `info/` usually, but not always, comes first.
enum TarBz2Format {
  /// Reads as far as needed to have seen all of `info/`.
  static func members(
    of archive: inout ArchiveStream, limits: ReadLimits
  ) throws(ArchiveError) -> [MetadataMember: [UInt8]] {
    try InfoMembers.read(from: &archive, limits: limits)
  }
}
