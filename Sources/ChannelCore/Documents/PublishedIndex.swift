/// What the `repodata.json` of a subdir lists, whichever tool wrote it.
struct PublishedIndex: Sendable {
  /// The JSON of each record, as it stands there.
  private(set) var records: [ArchiveName: ArraySlice<UInt8>] = [:]
  /// What the document says was taken out.
  private(set) var removed: Set<String> = []

  init(records: [ArchiveName: ArraySlice<UInt8>]) {
    self.records = records
  }

  init(repodata bytes: [UInt8]) throws(JSONError) {
    var reader = JSONReader(bytes)
    try reader.forEachMember { (name, reader) throws(JSONError) in
      switch name {
      case "packages", "packages.conda": try take(bytes, &reader)
      case "v3":
        try reader.forEachMember { (name, reader) throws(JSONError) in
          try take(bytes, &reader, suffix: "." + name)
        }
      case "removed": removed = Set(try reader.value().strings ?? [])
      default: try reader.skipValue()
      }
    }
    try reader.end()
  }

  private mutating func take(
    _ bytes: [UInt8], _ reader: inout JSONReader, suffix: String = ""
  ) throws(JSONError) {
    try reader.forEachMember { (name, reader) throws(JSONError) in
      let start = reader.position
      try reader.skipValue()
      guard let archive = ArchiveName(name + suffix) else { return }
      records[archive] = bytes[start..<reader.position]
    }
  }

  /// Reports how `packages` differ from what is listed.
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

  /// One record's fields; nil when it is not listed or no object.
  func record(of archive: ArchiveName) -> JSONObject? {
    records[archive].flatMap { try? JSONReader.value(in: Array($0)).object }
  }
}
