internal import ChannelSystem
internal import SystemPackage

/// The shards of a subdir: writes those that changed, and removes those that nobody asks for.
struct ShardStore {
  let layout: ChannelLayout
  let subdir: Platform
  let publication: Publication
  let threads: Int

  /// The catalog that the last run left; nil when there is none that can be read.
  func catalog() -> ShardCatalog? {
    (try? Descriptor.contents(of: layout.shardCatalog(of: subdir))).flatMap(
      ShardCatalog.init(bytes:))
  }

  /// Writes the shards of `contents` and returns the catalog that names them.
  ///
  /// A shard that `old` knows, whose packages are not among `changed` and are amended as they were,
  /// and whose file is there, is taken as it is.
  func write(
    _ contents: SubdirContents, replacing old: ShardCatalog?, changed: Set<String>?,
    ledger: Digest, now: Int
  ) throws(ChannelError) -> ShardCatalog {
    let directory = layout.shards(of: subdir)
    let groups = Dictionary(grouping: contents.packages) { $0.package.name }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    let removed = Dictionary(grouping: contents.removed) { $0.package.name }
    let amendments = contents.amendmentsByName
    let kept = reusable(old, changed: changed, amendments)
    let results = groups.parallelMap(
      threads: threads, makeContext: { ZstandardCompressor() }
    ) { group, compressor -> Result<(ShardCatalog.Entry, [UInt8]?), ZstandardError> in
      let (name, packages) = group
      if let entry = kept[name] { return .success((entry, nil)) }
      return Result { () throws(ZstandardError) in
        let shard = Shards.shard(of: packages, removed: removed[name] ?? [])
        let frame = try compressor.frame(of: shard, .shard)
        let reference = Shards.Reference(sha256: Digest.sha256(of: frame), size: frame.count)
        return (.init(name: name, reference: reference, amendments: amendments[name]), frame)
      }
    }
    var catalog = ShardCatalog(ledger: ledger)
    var files: [Publication.Document] = []
    for result in results {
      do throws(ZstandardError) {
        let (entry, frame) = try result.get()
        catalog.entries.append(entry)
        if let frame {
          files.append(.init(path: directory.appending(entry.reference.fileName), bytes: frame))
        }
      } catch {
        throw ChannelError(directory, "a shard cannot be made: \(error)")
      }
    }
    do throws(Errno) {
      // Not the subdir above it: packages that are gone must not get an index.
      try directory.makeDirectory(withParents: false)
      // Elsewhere, other files could be meant by the same names.
      guard try FileStatus(of: directory, followingLinks: false).kind == .directory else {
        throw Errno.notDirectory
      }
    } catch {
      throw ChannelError(directory, "cannot be made: \(error)")
    }
    try publication.publish(files, in: directory)
    var before = old ?? ShardCatalog(ledger: ledger)
    if changed == nil {
      // A run that was cut off leaves shards that no catalog came to name.
      let known = Set(before.entries.map(\.reference.sha256))
      before.entries += orphans(in: directory, ledger: ledger).entries
        .filter { !known.contains($0.reference.sha256) }
    }
    catalog.retire(before, now: now)
    return catalog
  }

  private func reusable(
    _ old: ShardCatalog?, changed: Set<String>?, _ amendments: [ArraySlice<UInt8>: Digest]
  ) -> [ArraySlice<UInt8>: ShardCatalog.Entry] {
    guard let old, let changed else { return [:] }
    let directory = layout.shards(of: subdir)
    var kept: [ArraySlice<UInt8>: ShardCatalog.Entry] = [:]
    for entry in old.entries
    where entry.amendments == amendments[entry.name]
      && !changed.contains(String(decoding: entry.name, as: UTF8.self))
    {
      let path = directory.appending(entry.reference.fileName)
      // A name is a promise that only the content can keep.
      if let bytes = try? Descriptor.contents(of: path),
        Digest.sha256(of: bytes) == entry.reference.sha256
      {
        kept[entry.name] = entry
      }
    }
    return kept
  }

  /// The shards that lie there when no catalog tells of them: files that are named by the digest of
  /// their content.
  private func orphans(in directory: FilePath, ledger: Digest) -> ShardCatalog {
    var catalog = ShardCatalog(ledger: ledger)
    guard var entries = try? DirectoryEntries(of: directory) else { return catalog }
    while let entry = try? entries.next() {
      guard let sha256 = Shards.digest(ofFileName: entry.text),
        let bytes = try? Descriptor.contents(of: directory.appending(entry.text)),
        Digest.sha256(of: bytes) == sha256
      else { continue }
      catalog.entries.append(.init(name: [], reference: .init(sha256: sha256, size: bytes.count)))
    }
    return catalog
  }

  /// Removes shards that were retired at least `grace` seconds ago, and says since when the oldest of
  /// the others is.
  func collect(_ catalog: inout ShardCatalog, grace: Int, now: Int) -> Int? {
    let directory = layout.shards(of: subdir)
    let count = catalog.retired.count
    catalog.retired.removeAll { shard in
      shard.since + grace * 1000 <= now
        && publication.remove(directory.appending(Shards.fileName(of: shard.sha256)))
    }
    if catalog.retired.count < count { try? AtomicFile.synchronizeDirectory(directory) }
    return catalog.retired.map(\.since).min()
  }
}

extension ShardCatalog {
  /// Keeps in mind the shards of `old` that this catalog does not name.
  mutating func retire(_ old: ShardCatalog?, now: Int) {
    guard let old else { return }
    let named = Set(entries.map(\.reference.sha256))
    retired = old.retired.filter { !named.contains($0.sha256) }
    let known = Set(retired.map(\.sha256))
    for entry in old.entries
    where !named.contains(entry.reference.sha256) && !known.contains(entry.reference.sha256) {
      retired.append(Retired(sha256: entry.reference.sha256, since: now))
    }
  }
}
