internal import ChannelSystem
internal import SystemPackage

/// Compares the shards of a subdir with its `repodata.json`.
struct ShardInspection {
  let layout: ChannelLayout
  let subdir: Platform
  let index: PublishedIndex
  let threads: Int

  func findings() -> [Finding] {
    let path = layout.document(.shardIndex, in: subdir)
    guard let frame = try? Descriptor.contents(of: path) else { return [] }
    let name = "\(subdir)/\(ChannelLayout.DocumentName.shardIndex.rawValue)"
    guard let bytes = Decompression.zstandard(frame),
      let document = try? MessagePackReader.value(in: bytes).object,
      let shards = document["shards"]?.object
    else { return [finding(name, "is damaged", "run channel-index --force")] }

    var findings: [Finding] = []
    var groups = Dictionary(grouping: index.records.keys) { $0.parts.map { String($0.name) } ?? "" }
    var work: [(name: String, digest: String, archives: [ArchiveName])] = []
    for member in shards.members {
      work.append((member.name, member.value.string ?? "", groups[member.name] ?? []))
      groups[member.name] = nil
    }
    for missing in groups.keys.sorted() {
      findings.append(
        finding(name, "names no shard for \(missing)", "run channel-index --force"))
    }
    findings += work.parallelMap(threads: threads, makeContext: {}) { [self] work, _ in
      check(work.name, digest: work.digest, work.archives)
    }.compactMap(\.self)
    return findings + orphans(named: Set(work.map(\.digest)))
  }

  /// Whether a shard holds just what `repodata.json` says of the packages of its name.
  private func check(_ name: String, digest: String, _ archives: [ArchiveName]) -> Finding? {
    let file = "\(digest).msgpack.zst"
    let path = "\(subdir)/shards/\(file)"
    let remedy = "run channel-index --force"
    guard let frame = try? Descriptor.contents(of: layout.shards(of: subdir).appending(file)) else {
      return finding(path, "the shard of \(name) is not there", remedy)
    }
    guard Digest.sha256(of: frame).description == digest else {
      return finding(path, "the shard of \(name) is damaged; clients refuse it", remedy)
    }
    guard let bytes = Decompression.zstandard(frame),
      let shard = try? MessagePackReader.value(in: bytes).object
    else { return finding(path, "the shard of \(name) cannot be read", remedy) }
    let records = Self.records(in: shard)
    guard Set(records.keys) == Set(archives) else {
      return finding(path, "the shard of \(name) lists other packages than repodata.json", remedy)
    }
    for (archive, record) in records where record != index.record(of: archive) {
      return finding(path, "what it says of \(archive) is not what repodata.json says", remedy)
    }
    return nil
  }

  private static func records(in shard: JSONObject) -> [ArchiveName: JSONObject] {
    var records: [ArchiveName: JSONObject] = [:]
    func take(_ map: JSONValue?, suffix: String = "") {
      for member in map?.object?.members ?? [] {
        guard let archive = ArchiveName(member.name + suffix), var record = member.value.object
        else { continue }
        // Shards alone carry these in the record.
        record["run_exports"] = nil
        records[archive] = record
      }
    }
    take(shard["packages"])
    take(shard["packages.conda"])
    for format in ArchiveName.Format.allCases {
      take(
        shard["v3"]?.object?[String(format.rawValue.dropFirst())], suffix: format.rawValue)
    }
    return records
  }

  /// Shards that no index names and that no run will collect.
  private func orphans(named: Set<String>) -> [Finding] {
    let catalog = (try? Descriptor.contents(of: layout.shardCatalog(of: subdir)))
      .flatMap(ShardCatalog.init(bytes:))
    let waiting = Set((catalog?.retired ?? []).map(\.sha256.description))
    guard var entries = try? DirectoryEntries(of: layout.shards(of: subdir)) else { return [] }
    var findings: [Finding] = []
    while let entry = try? entries.next() {
      guard !entry.text.hasPrefix(AtomicFile.temporaryPrefix) else { continue }
      let digest = Shards.digest(ofFileName: entry.text)?.description
      if let digest, named.contains(digest) || waiting.contains(digest) { continue }
      findings.append(
        Finding(
          kind: .stray, path: "\(subdir)/shards/\(entry.text)",
          problem: digest == nil ? "no shard" : "a shard that no index names",
          remedy: digest == nil
            ? "move it out of the directory" : "run channel-index --force, which collects it"))
    }
    return findings.sorted { $0.path.precedes($1.path) }
  }

  private func finding(_ path: String, _ problem: String, _ remedy: String) -> Finding {
    Finding(kind: .shard, path: path, problem: problem, remedy: remedy)
  }
}
