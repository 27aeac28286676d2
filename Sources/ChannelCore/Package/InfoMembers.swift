/// Takes from a tar the members an index is made from.
enum InfoMembers {
  /// Files that build tools write into every package's `info/`, beside the index.
  ///
  /// Once these were seen before the first file outside `info/`, the tar has its metadata in front
  /// and nothing that is wanted can still come.
  private static let companions = ["info/about.json", "info/files", "info/paths.json"]
    .map { Array($0.utf8) }

  private static let wanted = MetadataMember.allCases.map { (Array($0.rawValue.utf8), $0) }

  /// Reads until everything wanted was seen or can no longer come.
  ///
  /// Recipes may lie among the payload of a tar that has its metadata in front. They are left there:
  /// what they add is not worth unpacking gigabytes.
  static func read(
    from archive: inout TarStream, limits: ReadLimits
  ) throws(ArchiveError) -> [MetadataMember: [UInt8]] {
    var members: [MetadataMember: [UInt8]] = [:]
    var companionsSeen = 0
    while try archive.next() {
      let name = archive.name
      guard name.starts(with: "info/".utf8) else {
        if members[.index] != nil, companionsSeen >= 2 { break }
        continue
      }
      if companions.contains(name) { companionsSeen += 1 }
      guard let (_, member) = wanted.first(where: { $0.0 == name }) else { continue }
      // Whoever unpacks the package would be left with the last of several.
      guard members[member] == nil else { throw .damaged("\(member.rawValue) stands there twice") }
      do throws(ArchiveError) {
        members[member] = try archive.contents(
          limit: member == .paths ? limits.paths : limits.member)
      } catch .limitExceeded where member == .icon {
        // Nothing to refuse a package for: it is published without its picture.
        continue
      }
    }
    return members
  }
}
