/// What an operator changes about the packages that lie in a subdir before any document lists them.
///
/// Every document and every shard is made from the amended packages, so that all of them agree; the
/// ledger keeps the packages as they are, so that an amendment which is dropped leaves no trace.
struct Amendments: Sendable {
  /// Packages that lie there, can still be downloaded, and are listed by no index.
  var withheld: Set<ArchiveName> = []
  /// What is to be corrected in the packages' records.
  var instructions: PatchInstructions?

  /// What lies beside the packages to attest them.
  var attestations = Attestations()

  /// The amendments in one line, the same for those that make the same documents.
  var fingerprint: String {
    var parts: [String] = []
    if !withheld.isEmpty {
      let names = withheld.sorted().map(\.fileName).joined(separator: "\n")
      parts.append("withheld=\(Digest.sha256(of: Array(names.utf8)))")
    }
    if let instructions, !instructions.instructions.isEmpty {
      // The number counts the changes of this tool to what instructions do.
      parts.append("patches 1=\(instructions.digest)")
    }
    let attested = attestations.fingerprint
    if !attested.isEmpty { parts.append(attested) }
    return parts.joined(separator: " ")
  }
}
