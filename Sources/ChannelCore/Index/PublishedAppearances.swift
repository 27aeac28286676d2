/// When packages first appeared, as far as published indexes tell.
///
/// What a lost ledger is replaced by, and what an index made by another tool is taken over with.
struct PublishedAppearances {
  struct Appearance {
    var sha256: String
    /// Milliseconds since 1970; nil when the index that listed the package did not say.
    var milliseconds: Int?
  }

  private var appearances: [String: Appearance] = [:]

  init() {}

  /// Reads documents, of which later ones are more to be trusted; whatever in them cannot be read
  /// tells nothing.
  init(repodata documents: [[UInt8]]) {
    for document in documents { note(document) }
  }

  private mutating func note(_ bytes: [UInt8]) {
    guard let document = try? JSONReader.value(in: bytes).object else { return }
    for map in ["packages", "packages.conda"] {
      note(document[map]?.object, suffix: "")
    }
    // In v3 the names stand without their extensions.
    for format in ArchiveName.Format.allCases {
      note(
        document["v3"]?.object?[String(format.rawValue.dropFirst())]?.object,
        suffix: format.rawValue)
    }
  }

  private mutating func note(_ records: JSONObject?, suffix: String) {
    for member in records?.members ?? [] {
      guard let record = member.value.object, let sha256 = record["sha256"]?.string
      else { continue }
      let time = record["indexed_timestamp"]?.integer
      appearances[member.name + suffix] = Appearance(
        sha256: sha256, milliseconds: time.flatMap { $0 < 0 ? nil : $0 })
    }
  }

  subscript(archive: ArchiveName) -> Appearance? { appearances[archive.fileName] }
}
