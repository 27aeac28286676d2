/// Takes from a tar the members an index is made from.
enum InfoMembers {
  /// Reads until everything wanted was seen, or the tar ends.
  static func read(
    from archive: inout ArchiveStream, limits: ReadLimits, stopsAfterInfo: Bool
  ) throws(ArchiveError) -> [MetadataMember: [UInt8]] {
    var members: [MetadataMember: [UInt8]] = [:]
    while members.count < MetadataMember.allCases.count, try archive.next() {
      guard let member = MetadataMember(rawValue: String(decoding: archive.name, as: UTF8.self))
      else { continue }
      members[member] = try archive.contents(limit: limits.member)
    }
    return members
  }
}
