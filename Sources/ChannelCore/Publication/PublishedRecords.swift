/// The records that a `repodata.json` lists, as they stand in it.
struct PublishedRecords {
  private var records: [ArchiveName: ArraySlice<UInt8>] = [:]

  /// Reads a document of this tool's own making; what cannot be read is not listed.
  init(repodata bytes: [UInt8]) {
    var reader = JSONReader(bytes)
    try? reader.forEachMember { (name, reader) throws(JSONError) in
      switch name {
      case "packages", "packages.conda": try note(&reader, bytes, suffix: "")
      case "v3":
        try reader.forEachMember { (format, reader) throws(JSONError) in
          // There the names stand without their extensions.
          try note(&reader, bytes, suffix: ".\(format)")
        }
      default: try reader.skipValue()
      }
    }
  }

  private mutating func note(
    _ reader: inout JSONReader, _ bytes: [UInt8], suffix: String
  ) throws(JSONError) {
    try reader.forEachMember { (name, reader) throws(JSONError) in
      let start = reader.position
      try reader.skipValue()
      guard let archive = ArchiveName(name + suffix) else { return }
      records[archive] = bytes[start..<reader.position]
    }
  }

  /// Reports how `packages` differ from what was listed.
  func report(changesTo packages: [ListedPackage], in report: inout IndexReport.Subdir) {
    (report.added, report.updated) = ([], [])
    var gone = records
    for listed in packages {
      guard let before = gone.removeValue(forKey: listed.archive) else {
        report.added.append(listed.archive)
        continue
      }
      guard before != listed.package.record else { continue }
      report.updated.append(
        .init(
          archive: listed.archive, before: Array(before), after: Array(listed.package.record)))
    }
    report.removed = gone.keys.sorted()
  }
}
