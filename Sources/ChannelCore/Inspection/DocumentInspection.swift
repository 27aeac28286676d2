internal import ChannelSystem
internal import SystemPackage

/// Compares the documents of a subdir with the ledger and with one another.
struct DocumentInspection {
  let layout: ChannelLayout
  let subdir: Platform
  let ledger: Ledger
  let yanks: [ArchiveName: YankList.Yank]

  /// Adds to `findings` what is wrong, and returns the index that clients see, if they can read it.
  func findings(after findings: [Finding]) -> (PublishedIndex?, [Finding]) {
    var findings = findings
    guard let bytes = contents(of: .repodata) else {
      return (nil, findings + [finding(.repodata, "is not there", "run channel-index")])
    }
    let index: PublishedIndex
    do throws(JSONError) {
      index = try PublishedIndex(repodata: bytes)
    } catch {
      return (nil, findings + [finding(.repodata, "\(error)", "run channel-index")])
    }
    findings += comparison(of: index)
    findings += compressed(.repodataZstandard, of: bytes, Decompression.zstandard)
    findings += compressed(.repodataBzip2, of: bytes, Decompression.bzip2)
    if let unpatched = contents(of: .repodataFromPackages) {
      findings += compressed(
        .repodataFromPackagesZstandard, of: unpatched, Decompression.zstandard)
    }
    if let runExports = contents(of: .runExports) {
      findings += comparison(ofRunExports: runExports, with: index)
      findings += compressed(.runExportsZstandard, of: runExports, Decompression.zstandard)
    }
    return (index, findings)
  }

  private func comparison(of index: PublishedIndex) -> [Finding] {
    var findings: [Finding] = []
    var unknown = Set(index.records.keys)
    for entry in ledger.entries {
      guard case .published = entry.state else { continue }
      unknown.remove(entry.archive)
      let isYanked = yanks[entry.archive]?.concerns(entry.appearance?.sha256) == true
      if index.records[entry.archive] == nil {
        guard !isYanked, !index.removed.contains(entry.archive.fileName)
        else { continue }
        findings.append(
          finding(.repodata, "does not list \(entry.archive)", "run channel-index"))
      } else if isYanked {
        findings.append(
          Finding(
            kind: .yank, path: "\(subdir)/\(entry.archive)", problem: "is yanked and still listed",
            remedy: "run channel-index"))
      } else if let record = index.record(of: entry.archive),
        record["sha256"]?.string != entry.appearance?.sha256.description
          || record["size"]?.integer != entry.version.size
      {
        findings.append(
          Finding(
            kind: .mismatch, path: "\(subdir)/\(entry.archive)",
            problem: "repodata.json lists another sha256 or size",
            remedy: "run channel-index --force"))
      } else if yanks[entry.archive] != nil {
        findings.append(
          Finding(
            kind: .yank, path: "\(subdir)/\(entry.archive)",
            problem: "is listed, since it holds other bytes than when it was yanked",
            remedy: "yank it again, or unyank it"))
      }
    }
    for archive in unknown.sorted() {
      findings.append(
        finding(.repodata, "lists \(archive), which is not known", "run channel-index --force"))
    }
    var missing = Set(yanks.keys)
    for entry in ledger.entries {
      if case .gone = entry.state { continue }
      missing.remove(entry.archive)
    }
    for archive in missing.sorted() {
      findings.append(
        Finding(
          kind: .yank, path: "\(subdir)/\(archive)", problem: "is yanked and not there",
          remedy: "put it back, or unyank it"))
    }
    return findings
  }

  private func comparison(
    ofRunExports bytes: [UInt8], with index: PublishedIndex
  ) -> [Finding] {
    let remedy = "run channel-index --force"
    guard let listed = try? PublishedIndex(repodata: bytes) else {
      return [finding(.runExports, "is not JSON", remedy)]
    }
    let (listedNames, names) = (Set(listed.records.keys), Set(index.records.keys))
    return names.subtracting(listedNames).sorted().map {
      finding(.runExports, "does not list \($0)", remedy)
    }
      + listedNames.subtracting(names).sorted().map {
        finding(.runExports, "lists \($0), which repodata.json does not", remedy)
      }
  }

  private func compressed(
    _ name: ChannelLayout.DocumentName, of document: [UInt8], _ unpack: ([UInt8]) -> [UInt8]?
  ) -> [Finding] {
    guard let bytes = contents(of: name) else { return [] }
    guard let unpacked = unpack(bytes) else {
      return [finding(name, "is damaged", "run channel-index --force")]
    }
    if unpacked == document { return [] }
    return [
      finding(
        name, "does not hold what the document beside it says; clients prefer it",
        "run channel-index, and remove it if it stays so")
    ]
  }

  private func contents(of name: ChannelLayout.DocumentName) -> [UInt8]? {
    try? Descriptor.contents(of: layout.document(name, in: subdir))
  }

  private func finding(
    _ name: ChannelLayout.DocumentName, _ problem: String, _ remedy: String
  ) -> Finding {
    Finding(
      kind: .document, path: "\(subdir)/\(name.rawValue)", problem: problem, remedy: remedy)
  }
}
