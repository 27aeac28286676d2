internal import ChannelSystem
internal import SystemPackage

/// What an operator changes about a channel's packages, as it stands when a run begins to publish.
struct OperatorChanges: Sendable {
  let patches: PatchSource?
  let yanks: YankList
  let retention: RetentionRules
  /// Milliseconds since 1970.
  let now: Int

  /// The packages of a subdir that no document lists although they are fit to be, in their order.
  func withheld(in subdir: Platform, among ledger: Ledger) -> [IndexReport.Withheld] {
    let yanks = yanks.archives(in: subdir).filter { $1.concerns(ledger.sha256(of: $0)) }
    guard !yanks.isEmpty || !retention.keepsAll else { return [] }
    // What is yanked already, or withdrawn by patches, does not count as the newest of anything.
    let withdrawn = patches?.instructions(for: subdir)?.withdrawn ?? []
    let packages = ledger.published
    let expired = retention.expired(
      packages.filter { yanks[$0.archive] == nil && !withdrawn.contains($0.archive) },
      in: subdir, now: now)
    return packages.compactMap { package in
      let archive = package.archive
      if let yank = yanks[archive] {
        return .init(archive: archive, reason: "yanked: \(yank.reason)", isYanked: true)
      }
      return expired[archive].map { .init(archive: archive, reason: $0, isYanked: false) }
    }
  }

  /// The packages that were yanked before other bytes took their names, one line each.
  func outlivedYanks(
    in subdir: Platform, of layout: ChannelLayout, among ledger: Ledger
  ) -> [String] {
    yanks.archives(in: subdir).sorted { $0.key < $1.key }.compactMap { archive, yank in
      guard let sha256 = ledger.sha256(of: archive), !yank.concerns(sha256) else { return nil }
      return "\(layout.package(archive, in: subdir)): is listed, since it holds other bytes than"
        + " when it was yanked (\(yank.reason)); yank it again, or unyank it to forget this"
    }
  }

  /// All that is to be done to the packages of a subdir.
  func amendments(
    of subdir: Platform, withholding withheld: [IndexReport.Withheld]
  ) -> Amendments {
    Amendments(
      withheld: Set(withheld.map(\.archive)), instructions: patches?.instructions(for: subdir))
  }

  /// The same for a subdir whose packages are not looked at: what is known of them is what the ledger
  /// in `layout` says.
  func amendments(of subdir: Platform, asPublishedIn layout: ChannelLayout) -> Amendments {
    let attestations = Attestations(after: SubdirChange(), in: subdir, of: layout)
    let isYanked = yanks.packages.keys.contains { $0.subdir == subdir }
    guard !retention.keepsAll || isYanked || !attestations.entries.isEmpty,
      let ledger = (try? Descriptor.contents(of: layout.ledger(of: subdir)))
        .flatMap({ Ledger(bytes: $0) })
    else { return amendments(of: subdir, withholding: []) }
    var amendments = amendments(of: subdir, withholding: withheld(in: subdir, among: ledger))
    amendments.attestations = attestations.beside(ledger, now: now)
    return amendments
  }
}
