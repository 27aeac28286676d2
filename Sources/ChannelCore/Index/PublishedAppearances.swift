/// When packages first appeared, as far as published indexes tell.
///
/// What a lost ledger is replaced by, and what an index made by another tool is taken over with.
struct PublishedAppearances {
  struct Appearance {
    var sha256: String
    /// Milliseconds since 1970; nil when the index that listed the package did not say.
    var milliseconds: Int?
  }

  private var documents: [PublishedIndex] = []

  init() {}

  /// Reads documents, of which later ones are more to be trusted; one that cannot be read tells
  /// nothing.
  init(repodata documents: [[UInt8]]) {
    self.documents = documents.compactMap { try? PublishedIndex(repodata: $0) }
  }

  subscript(archive: ArchiveName) -> Appearance? {
    for document in documents.reversed() {
      guard let record = document.record(of: archive), let sha256 = record["sha256"]?.string
      else { continue }
      let time = record["indexed_timestamp"]?.integer
      return Appearance(sha256: sha256, milliseconds: time.flatMap { $0 < 0 ? nil : $0 })
    }
    return nil
  }

  /// What is known of `entries` that are not among `listed`, as an index; nil when that is nothing.
  ///
  /// Both stand in the order of the documents.
  static func document(_ entries: [Ledger.Entry], without listed: [ListedPackage]) -> [UInt8]? {
    var records: [ArchiveName.Format: [JSONObject.Member]] = [:]
    var rest = listed[...]
    for entry in entries {
      if entry.archive == rest.first?.archive {
        rest = rest.dropFirst()
        continue
      }
      guard let appearance = entry.appearance else { continue }
      let record: JSONObject = [
        "indexed_timestamp": .number(String(appearance.milliseconds)),
        "sha256": .string(appearance.sha256.description),
      ]
      records[entry.archive.format, default: []].append(
        .init(name: entry.archive.fileName, value: .object(record)))
    }
    guard !records.isEmpty else { return nil }
    return JSONWriter.bytes(
      of: .object([
        "packages": .object(JSONObject(unsorted: records[.tarBz2] ?? [])),
        "packages.conda": .object(JSONObject(unsorted: records[.conda] ?? [])),
      ]))
  }
}
