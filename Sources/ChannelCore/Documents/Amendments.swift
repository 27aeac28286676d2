/// What an operator changes about the packages that lie in a subdir before any document lists them.
///
/// Every document and every shard is made from the amended packages, so that all of them agree; the
/// ledger keeps the packages as they are, so that an amendment which is dropped leaves no trace.
struct Amendments: Sendable {
  /// Packages that lie there, can still be downloaded, and are listed by no index.
  var withheld: Set<ArchiveName> = []

  /// The amendments in one line, the same for those that make the same documents.
  var fingerprint: String {
    guard !withheld.isEmpty else { return "" }
    let names = withheld.sorted().map(\.fileName).joined(separator: "\n")
    return "withheld=\(Digest.sha256(of: Array(names.utf8)))"
  }

  /// The packages as the documents list them.
  func applied(to packages: [ListedPackage]) -> (listed: [ListedPackage], removed: [ArchiveName]) {
    guard !withheld.isEmpty else { return (packages, []) }
    let removed = packages.map(\.archive).filter(withheld.contains)
    return (packages.filter { !withheld.contains($0.archive) }, removed)
  }
}
