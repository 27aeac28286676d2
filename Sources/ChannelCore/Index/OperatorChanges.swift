/// What an operator changes about a channel's packages, as it stands when a run begins to publish.
struct OperatorChanges: Sendable {
  let patches: PatchSource?
  let yanks: YankList
  let retention: RetentionRules
  /// Milliseconds since 1970.
  let now: Int

  /// The packages of a subdir that no document lists although they are fit to be, in their order.
  func withheld(in subdir: Platform, among ledger: Ledger) -> [IndexReport.Withheld] {
    let yanks = yanks.archives(in: subdir)
    guard !yanks.isEmpty || !retention.keepsAll else { return [] }
    // What is yanked already does not count as the newest of anything.
    let packages = ledger.published
    let expired = retention.expired(
      packages.filter { yanks[$0.archive] == nil }, in: subdir, now: now)
    return packages.compactMap { package in
      let archive = package.archive
      if let yank = yanks[archive] {
        return .init(archive: archive, reason: "yanked: \(yank.reason)", isYanked: true)
      }
      return expired[archive].map { .init(archive: archive, reason: $0, isYanked: false) }
    }
  }

  /// All that is to be done to the packages of a subdir.
  func amendments(
    of subdir: Platform, withholding withheld: [IndexReport.Withheld]
  ) -> Amendments {
    Amendments(
      withheld: Set(withheld.map(\.archive)), instructions: patches?.instructions(for: subdir))
  }
}
