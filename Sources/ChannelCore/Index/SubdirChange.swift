/// What whoever holds the channel's lock did to a subdir: its index can follow without a look at
/// anything else.
struct SubdirChange: Sendable {
  /// Packages that were put into the directory.
  var admitted: [ArchiveName: ReadPackage] = [:]
  /// Packages that leave the index, and whose files are about to be removed.
  var dismissed: Set<ArchiveName> = []
  /// Whether something else was found to have changed, so that all has to be looked at.
  var isPartial = false
}
