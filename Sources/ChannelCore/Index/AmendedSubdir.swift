/// A subdir that is known to be listable as its operator amended it: what is left is to publish it.
struct AmendedSubdir: Sendable {
  /// The positions of the instructions that concern nothing here.
  let unmatched: Set<Int>
  private let settled: SettledSubdir
  private let publisher: SubdirPublisher
  /// Nil when the last run published just this.
  private let amended: AmendedPackages?
  private let selection: AmendmentSelection

  var platform: Platform { publisher.subdir }
  var amendments: Amendments { publisher.amendments }

  /// Follows the instructions in memory.
  ///
  /// With `warnsOfUnmatched`, those that concern nothing here are reported here.
  ///
  /// - Throws: ``ChannelError`` when one of them would make a record unreadable.
  init(
    _ settled: SettledSubdir, of plan: SubdirPlan, _ publisher: SubdirPublisher,
    warnsOfUnmatched: Bool
  ) throws(ChannelError) {
    var settled = settled
    let selection = AmendmentSelection(publisher.amendments, among: settled.ledger)
    settled.report.removedByPatches = selection.removed
    settled.report.published -= selection.withheld.union(selection.removed).count
    settled.report.warnings += selection.warnings
    settled.report.warnings += publisher.amendments.attestations.warnings(
      in: plan.subdir, of: plan.layout)
    unmatched = Set(selection.unmatched)
    if warnsOfUnmatched, let instructions = publisher.amendments.instructions {
      settled.report.warnings += instructions.warnings(ofUnmatched: unmatched)
    }
    if settled.changedNames.isEmpty, plan.readings.isEmpty, let ledger = plan.ledgerDigest,
      publisher.isCurrent(ledger)
    {
      amended = nil
    } else {
      amended = try selection.applied(
        to: settled.ledger, in: plan.subdir, warnings: &settled.report.warnings)
    }
    self.settled = settled
    self.selection = selection
    self.publisher = publisher
  }

  /// The packages that the index lists, whether it was published now or stands as it was.
  func packages() throws(ChannelError) -> [ListedPackage] {
    var amended = self.amended
    if amended == nil {
      var noted: [String] = []
      amended = try selection.applied(to: settled.ledger, in: platform, warnings: &noted)
    }
    let packages = settled.ledger.published
    return amended?.applied(to: packages).listed ?? packages
  }

  /// What the index would list; nil when that is what it lists now.
  var listing: PublishedIndex? {
    guard let amended else { return nil }
    let packages = publisher.contents(of: settled, amended).packages
    return PublishedIndex(
      records: Dictionary(uniqueKeysWithValues: packages.map { ($0.archive, $0.package.record) }))
  }

  func publish() throws(ChannelError) -> IndexReport.Subdir {
    guard let amended else {
      publisher.removeLeftovers()
      return settled.report
    }
    return try publisher.publish(settled, amended)
  }

  /// What publishing would report.
  func rehearse() -> IndexReport.Subdir {
    var report =
      amended.map { publisher.report(of: settled, publisher.contents(of: settled, $0)) }
      ?? settled.report
    report.warnings += settled.brokenPins
    return report
  }
}
