internal import ChannelSystem
internal import SystemPackage

/// Compares the packages of a subdir with what the ledger knows of them.
struct PackageInspection {
  let layout: ChannelLayout
  let subdir: Platform
  let ledger: Ledger
  let scan: SubdirScan
  let threads: Int

  /// What a look at names, sizes and times finds.
  func findings() -> [Finding] {
    var known: [ArchiveName: Ledger.Entry] = [:]
    for entry in ledger.entries { known[entry.archive] = entry }
    var findings: [Finding] = []
    for file in scan.files {
      let entry = known.removeValue(forKey: file.archive)
      switch entry?.state {
      case nil, .gone?:
        findings.append(finding(.unindexed, file.archive, "is not indexed", "run channel-index"))
      case .published? where entry?.version != file.version:
        let problem =
          entry?.version.size == file.version.size
          ? "was written to since it was indexed"
          : "has \(file.version.size) bytes, and \(entry?.version.size ?? 0) when it was indexed"
        findings.append(finding(.unindexed, file.archive, problem, "run channel-index"))
      case .quarantined(_, let reason)?:
        findings.append(
          finding(.quarantined, file.archive, "is left out: \(reason)", "replace or remove it"))
      default: break
      }
    }
    for entry in known.values.sorted(by: { $0.archive < $1.archive }) {
      guard case .published = entry.state else { continue }
      findings.append(
        finding(
          .missing, entry.archive, "is listed and not there",
          "put it back, or run channel-index to list it no more"))
    }
    return findings + twins()
  }

  /// What reading every package finds.
  func digestFindings() -> [Finding] {
    var digests: [ArchiveName: Digest] = [:]
    for entry in ledger.entries {
      if case .published = entry.state { digests[entry.archive] = entry.appearance?.sha256 }
    }
    let (layout, subdir, known) = (layout, subdir, digests)
    return scan.files.parallelMap(threads: threads, makeContext: {}) { file, _ -> Finding? in
      guard let expected = known[file.archive] else { return nil }
      do throws(Errno) {
        let path = layout.package(file.archive, in: subdir)
        guard try Digest.sha256(ofFileAt: path) != expected else { return nil }
        return Finding(
          kind: .mismatch, path: "\(subdir)/\(file.archive)",
          problem: "its bytes are not those that were indexed; clients refuse it",
          remedy: "put the right file back, or run channel-index --verify to publish this one")
      } catch {
        return Finding(
          kind: .mismatch, path: "\(subdir)/\(file.archive)", problem: "cannot be read: \(error)",
          remedy: "look after the disk")
      }
    }.compactMap(\.self)
  }

  /// Fields in which both formats of a build may differ.
  private static let ownFields: Set<String> = [
    "indexed_timestamp", "md5", "sha256", "size", "timestamp",
  ]

  private func twins() -> [Finding] {
    var records: [Substring: PublishedPackage] = [:]
    var findings: [Finding] = []
    for package in ledger.published {
      guard let other = records.updateValue(package.package, forKey: package.archive.stem),
        let left = other.fields, let right = package.package.fields
      else { continue }
      let names = Set(left.members.map(\.name) + right.members.map(\.name))
      let different = names.subtracting(Self.ownFields).filter { left[$0] != right[$0] }.sorted()
      guard !different.isEmpty else { continue }
      findings.append(
        finding(
          .twins, package.archive,
          "differs from its .conda in \(different.joined(separator: ", ")); clients see either",
          "convert one from the other, or remove one"))
    }
    return findings
  }

  private func finding(
    _ kind: Finding.Kind, _ archive: ArchiveName, _ problem: String, _ remedy: String
  ) -> Finding {
    Finding(kind: kind, path: "\(subdir)/\(archive)", problem: problem, remedy: remedy)
  }
}

extension PublishedPackage {
  fileprivate var fields: JSONObject? { try? JSONReader.value(in: Array(record)).object }
}
