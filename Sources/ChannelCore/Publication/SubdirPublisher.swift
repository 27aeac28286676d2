internal import ChannelSystem
internal import SystemPackage

/// Publishes a subdir: its ledger, its shards and its documents, in an order in which a reader and a
/// run after a crash find nothing half done.
struct SubdirPublisher: Sendable {
  let layout: ChannelLayout
  let subdir: Platform
  let options: DocumentOptions
  let publication: Publication
  let threads: Int
  /// Milliseconds since 1970.
  let now: Int

  /// Whether the last run published just this and all of it still stands.
  func isCurrent(_ ledger: Digest) -> Bool {
    guard let generation = generation(), generation.ledger == ledger,
      generation.options == options.fingerprint,
      generation.collectionDue.map({ $0 > now }) ?? true
    else { return false }
    return generation.stands(in: subdir, of: layout)
  }

  /// Publishes what `settled` lists, and returns the documents that changed.
  func publish(_ settled: SettledSubdir) throws(ChannelError) -> [ChannelLayout.DocumentName] {
    let directory = layout.directory(of: subdir)
    for directory in [directory, layout.shards(of: subdir)] {
      AtomicFile.removeLeftovers(in: directory)
    }
    let old = generation()
    let ledgerBytes = settled.ledger.bytes
    let digest = Ledger.digest(of: ledgerBytes)
    // The ledger first: should the run be cut off now, the next one still knows when each package
    // appeared, and makes the documents that are missing.
    try publication.publish(
      [.init(path: layout.ledger(of: subdir), bytes: ledgerBytes)], in: layout.state)

    let contents = SubdirContents(
      subdir: subdir, packages: settled.ledger.published, baseURL: options.baseURL)
    var documents = try documents(contents)
    let store = ShardStore(
      layout: layout, subdir: subdir, publication: publication, threads: threads)
    let oldCatalog = store.catalog()
    var catalog = ShardCatalog(ledger: digest)
    if options.shards {
      let isKnown = oldCatalog?.ledger == settled.previousLedger && !settled.isVerifying
      catalog = try store.write(
        contents, replacing: oldCatalog, changed: isKnown ? settled.changedNames : nil,
        ledger: digest, now: now)
      documents.append(try shardIndex(contents, catalog))
    } else {
      catalog.retire(oldCatalog, now: now)
    }

    let written = try publication.publish(
      documents.map { .init(path: layout.document($0.name, in: subdir), bytes: $0.bytes) },
      in: directory)
    let names = Set(documents.map(\.name))
    removeStale(old, keeping: names)

    let due = store.collect(&catalog, grace: options.shardGrace, now: now)
    var generation = Generation(ledger: digest, options: options.fingerprint)
    generation.collectionDue = due
    for name in names {
      generation.documents[name] = Generation.version(of: layout.document(name, in: subdir))
    }
    if options.shards { generation.shards = Generation.version(of: layout.shards(of: subdir)) }
    try publication.publish(
      [
        .init(path: layout.shardCatalog(of: subdir), bytes: catalog.bytes),
        .init(path: layout.generation(of: subdir), bytes: generation.bytes),
      ], in: layout.state)
    return written.compactMap { path in
      path.lastComponent.flatMap { .init(rawValue: $0.string) }
    }
  }

  private func generation() -> Generation? {
    Descriptor.contents(of: layout.generation(of: subdir)).flatMap(Generation.init(bytes:))
  }

  private func documents(
    _ contents: SubdirContents
  ) throws(ChannelError) -> [SubdirDocuments.Document] {
    do throws(ZstandardError) {
      return try SubdirDocuments.all(contents, options, threads: threads)
    } catch {
      throw ChannelError(layout.directory(of: subdir), "no documents can be made: \(error)")
    }
  }

  private func shardIndex(
    _ contents: SubdirContents, _ catalog: ShardCatalog
  ) throws(ChannelError) -> SubdirDocuments.Document {
    let index = Shards.index(contents, references: catalog.entries.map { ($0.name, $0.reference) })
    do throws(ZstandardError) {
      let frame = try ZstandardCompressor().frame(of: index, .document, threads: threads)
      return .init(name: .shardIndex, bytes: frame)
    } catch {
      throw ChannelError(layout.document(.shardIndex, in: subdir), "cannot be made: \(error)")
    }
  }

  /// Removes documents that earlier options asked for, unless someone else has replaced them since.
  private func removeStale(_ old: Generation?, keeping names: Set<ChannelLayout.DocumentName>) {
    for (name, version) in old?.documents ?? [:] where !names.contains(name) {
      let path = layout.document(name, in: subdir)
      if Generation.version(of: path) == version { publication.remove(path) }
    }
  }
}
