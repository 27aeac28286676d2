internal import ChannelSystem
internal import SystemPackage

/// Publishes a subdir: its ledger, its shards and its documents, in an order in which a reader and a
/// run after a crash find nothing half done.
struct SubdirPublisher: Sendable {
  let layout: ChannelLayout
  let subdir: Platform
  let options: DocumentOptions
  let amendments: Amendments
  let publication: Publication
  let threads: Int
  /// Milliseconds since 1970.
  let now: Int

  /// Whether the last run published just this and all of it still stands.
  func isCurrent(_ ledger: Digest) -> Bool {
    guard let generation = generation(), generation.ledger == ledger,
      amendments.attestations.unpublished.isEmpty, amendments.attestations.isRemembered,
      generation.options == options.fingerprint, generation.amendments == amendments.fingerprint,
      generation.oldestRetired.map({ $0 + options.shardGrace * 1000 > now }) ?? true
    else { return false }
    return generation.stands(in: subdir, of: layout)
  }

  /// Removes what was being put there when a run was cut off, packages among them.
  func removeLeftovers() {
    AtomicFile.removeLeftovers(in: layout.directory(of: subdir))
  }

  /// All that the documents are made from.
  func contents(of settled: SettledSubdir, _ amended: AmendedPackages) -> SubdirContents {
    SubdirContents(
      subdir: subdir, packages: settled.ledger.published, amended: amended,
      baseURL: options.baseURL, relations: options.relations)
  }

  /// What publishing `contents` changes.
  ///
  /// What was read tells that as long as nothing is amended, before or now. Otherwise the index that
  /// stands there does.
  func report(of settled: SettledSubdir, _ contents: SubdirContents) -> IndexReport.Subdir {
    var report = settled.report
    let old = generation()
    guard old?.amendments.isEmpty == false || !amendments.fingerprint.isEmpty else { return report }
    let path = layout.document(.repodata, in: subdir)
    if let old, old.owns(.repodata, at: path), let bytes = try? Descriptor.contents(of: path),
      let index = try? PublishedIndex(repodata: bytes)
    {
      index.report(changesTo: contents.packages, in: &report)
    } else {
      let removed = Set(contents.removed.map(\.archive))
      report.added.removeAll { removed.contains($0) }
    }
    return report
  }

  /// Publishes what `settled` lists, and reports it.
  func publish(
    _ settled: SettledSubdir, _ amended: AmendedPackages
  ) throws(ChannelError) -> IndexReport.Subdir {
    let contents = contents(of: settled, amended)
    // While the index that is compared with still stands.
    var report = report(of: settled, contents)
    let directory = layout.directory(of: subdir)
    removeLeftovers()
    AtomicFile.removeLeftovers(in: layout.shards(of: subdir))
    let old = generation()
    let ledgerBytes = settled.ledger.bytes
    let digest = Ledger.digest(of: ledgerBytes)
    // The ledger first: should the run be cut off now, the next one still knows when each package
    // appeared, and makes the documents that are missing.
    try publication.publish(
      [.init(path: layout.ledger(of: subdir), bytes: ledgerBytes)], in: layout.state)
    try publishUnlisted(settled.ledger, contents.packages)

    var documents = try documents(contents)
    let store = ShardStore(
      layout: layout, subdir: subdir, publication: publication, threads: threads)
    let oldCatalog = store.catalog()
    var catalog = ShardCatalog(ledger: digest)
    if options.shards {
      // A run that was cut off left a generation of no ledger: its shards are looked for.
      let isKnown =
        oldCatalog?.ledger == settled.previousLedger && !settled.isVerifying
        && old?.ledger == oldCatalog?.ledger
      catalog = try store.write(
        contents, replacing: oldCatalog, changed: isKnown ? settled.changedNames : nil,
        ledger: digest, now: now)
      documents.append(try shardIndex(contents, catalog))
    } else {
      catalog.retire(oldCatalog, now: now)
    }

    // The files that records are about to name.
    try publication.publish(
      try amendments.attestations.documents(in: subdir, of: layout), in: directory)
    let foreign = ForeignDocuments(layout: layout)
    let displaced = documents.filter { document in
      foreign.isForeign(
        layout.document(document.name, in: subdir), old?.documents[document.name])
    }
    if let warning = try foreign.setAside(files(displaced), of: subdir) {
      report.warnings.append(warning)
    }
    if let intended = Generation.intended(documents, after: old) {
      try write(intended)
    }
    report.written = try publication.publish(files(documents), in: directory).compactMap { path in
      path.lastComponent.flatMap { .init(rawValue: $0.string) }
    }

    var generation = Generation(
      ledger: digest, options: options.fingerprint, amendments: amendments.fingerprint)
    for document in documents {
      generation.documents[document.name] = .init(
        version: Generation.version(of: layout.document(document.name, in: subdir)),
        digests: [Digest.sha256(of: document.bytes)])
    }
    withdraw(old, for: &generation, report: &report)
    generation.oldestRetired = [
      store.collect(&catalog, grace: options.shardGrace, now: now), try settleAttestations(),
    ].compactMap(\.self).min()
    if options.shards { generation.shards = Generation.version(of: layout.shards(of: subdir)) }
    try publication.publish(
      [.init(path: layout.shardCatalog(of: subdir), bytes: catalog.bytes)], in: layout.state)
    try write(generation)
    return report
  }

  /// Keeps the times of appearance that no document tells, in case the ledger is lost.
  private func publishUnlisted(
    _ ledger: Ledger, _ listed: [ListedPackage]
  ) throws(ChannelError) {
    let path = layout.unlisted(of: subdir)
    let document = PublishedAppearances.document(ledger.entries, without: listed)
    guard document != nil || Generation.version(of: path) != nil else { return }
    try publication.publish(
      [.init(path: path, bytes: document ?? Array("{}".utf8))], in: layout.state)
  }

  /// Removes the attestations that nobody asks for any more, and keeps in mind what is known of them.
  private func settleAttestations() throws(ChannelError) -> Int? {
    var attestations = amendments.attestations
    let oldest = attestations.collect(
      in: layout.directory(of: subdir), grace: options.shardGrace, now: now, publication)
    let path = layout.attestations(of: subdir)
    guard attestations.memory != .init() || Generation.version(of: path) != nil else { return nil }
    try publication.publish(
      [.init(path: path, bytes: attestations.memory.bytes)], in: layout.state)
    return oldest
  }

  private func write(_ generation: Generation) throws(ChannelError) {
    try publication.publish(
      [.init(path: layout.generation(of: subdir), bytes: generation.bytes)], in: layout.state)
  }

  private func generation() -> Generation? {
    (try? Descriptor.contents(of: layout.generation(of: subdir))).flatMap(Generation.init(bytes:))
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

  private func files(_ documents: [SubdirDocuments.Document]) -> [Publication.Document] {
    documents.map { .init(path: layout.document($0.name, in: subdir), bytes: $0.bytes) }
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

  /// Documents that no client takes for the index unless told to.
  private static let takenByNobody: Set<ChannelLayout.DocumentName> = [
    .repodataFromPackages, .repodataFromPackagesZstandard,
  ]

  /// Removes documents that earlier options asked for.
  ///
  /// What someone else has put in their place stays, but clients may prefer it to the index that is
  /// published beside it, so it is named.
  private func withdraw(
    _ old: Generation?, for new: inout Generation, report: inout IndexReport.Subdir
  ) {
    for name in ChannelLayout.DocumentName.allCases where new.documents[name] == nil {
      let path = layout.document(name, in: subdir)
      guard Generation.version(of: path) != nil else { continue }
      if let old, old.owns(name, at: path) {
        if publication.remove(path) {
          report.withdrawn.append(name)
        } else {
          // Still ours, and still to be removed.
          new.documents[name] = .init(digests: old.documents[name]?.digests ?? [])
        }
      } else if !Self.takenByNobody.contains(name) {
        report.warnings.append("\(path): not made by this tool; clients may prefer it to the index")
      }
    }
    try? AtomicFile.synchronizeDirectory(layout.directory(of: subdir))
  }
}
