internal import ChannelSystem
internal import SystemPackage

/// Publishes the documents of a channel as a whole, from what is known of all its subdirs.
struct ChannelPublisher: Sendable {
  let layout: ChannelLayout
  let options: DocumentOptions
  let operatorChanges: OperatorChanges
  /// The subdirs that the run looked at.
  let known: [Platform: AmendedSubdir]
  let publication: Publication
  let readLimits: ReadLimits
  let threads: Int

  /// A subdir that has an index, and which one.
  private struct Source {
    var subdir: Platform
    var ledger: Digest
    var amendments: Amendments
  }

  /// Brings the documents up to date with what the subdirs list now.
  func publish() throws(ChannelError) -> IndexReport.Channel {
    var report = IndexReport.Channel()
    let sources = try sources()
    let old = generation()
    let yanks = yanks(among: sources)
    let page = homePage(of: sources, hasYanks: !yanks.packages.isEmpty)
    let foreign = ForeignDocuments(layout: layout)
    var kept = names(yanks, page).filter { name in
      !name.isIndex
        && foreign.isForeign(layout.document(name), old?.documents[name.rawValue])
    }
    let fingerprint = fingerprint(of: sources, yanks, page)
    if let old, old.fingerprint == ChannelGeneration.fingerprint(fingerprint, keeping: kept),
      old.stands(in: layout)
    {
      report.warnings = kept.map(\.keptWarning)
      return report
    }

    AtomicFile.removeLeftovers(in: layout.root)
    AtomicFile.removeLeftovers(in: layout.icons)
    let contents = ChannelContents(subdirs: try contents(of: sources))
    if options.currentRepodata { report.warnings += options.pins.unmatched(in: contents) }
    var data = ChannelData(contents, threads: threads)
    let store = IconStore(layout: layout, publication: publication, readLimits: readLimits)
    let icons = options.channelData ? store.icons(of: data) : []
    data.keepIcons { icon in icons.contains { $0.sha256 == icon.sha256 } }
    var documents = try documents(contents, data, yanks) + [page].compactMap { $0 }
    // What was published by a run whose record is lost is no one else's.
    kept.removeAll { name in
      documents.contains {
        $0.name == name && $0.bytes == (try? Descriptor.contents(of: layout.document(name)))
      }
    }
    report.warnings += kept.map(\.keptWarning)
    documents.removeAll { kept.contains($0.name) }

    var digests: [String: Digest] = [:]
    for icon in icons { digests[PackageIcon.path(icon.sha256)] = icon.sha256 }
    for document in documents {
      digests[document.name.rawValue] = Digest.sha256(of: document.bytes)
    }
    let displaced = documents.filter { document in
      foreign.isForeign(layout.document(document.name), old?.documents[document.name.rawValue])
    }
    if let warning = try foreign.setAside(files(displaced)) { report.warnings.append(warning) }
    if let intended = ChannelGeneration.intended(digests, after: old) { try write(intended) }
    report.written = try store.publish(icons) + publish(documents)

    var generation = ChannelGeneration(
      fingerprint: ChannelGeneration.fingerprint(fingerprint, keeping: kept))
    for (path, digest) in digests {
      generation.documents[path] = .init(
        version: Generation.version(of: layout.file(path)), digests: [digest])
    }
    withdraw(old, for: &generation, report: &report)
    try write(generation)
    return report
  }

  private func publish(
    _ documents: [ChannelDocuments.Document]
  ) throws(ChannelError) -> [String] {
    try publication.publish(files(documents), in: layout.root)
      .compactMap { $0.lastComponent?.string }
  }

  private func files(_ documents: [ChannelDocuments.Document]) -> [Publication.Document] {
    documents.map { .init(path: layout.document($0.name), bytes: $0.bytes) }
  }

  /// The documents that are wanted.
  private func names(
    _ yanks: YankList, _ page: ChannelDocuments.Document?
  ) -> [ChannelLayout.RootDocumentName] {
    ChannelLayout.RootDocumentName.allCases.filter { name in
      switch name {
      case .channelData: options.channelData
      case .channelDataZstandard: options.channelData && options.zstandard
      case .yanked: !yanks.packages.isEmpty
      case .feed: options.channelURL != nil
      case .notices: options.notices != nil
      case .homePage: page != nil
      }
    }
  }

  // MARK: What is known

  /// The subdirs whose packages are known, whether this run looked at them or not.
  private func sources() throws(ChannelError) -> [Source] {
    var sources: [Source] = []
    for subdir in try SubdirSearch(layout).knownSubdirs() {
      let path = layout.ledger(of: subdir)
      do throws(Errno) {
        sources.append(
          Source(
            subdir: subdir, ledger: Digest(bytes: try Self.tail(of: path, count: 32)),
            amendments: known[subdir]?.amendments
              ?? operatorChanges.amendments(of: subdir, asPublishedIn: layout)))
      } catch {
        throw ChannelError(path, "cannot be read: \(error)")
      }
    }
    return sources
  }

  /// A ledger closes with its digest, so its end alone tells which one it is.
  private static func tail(of path: FilePath, count: Int) throws(Errno) -> [UInt8] {
    let file = try Descriptor(opening: path, options: .nonBlocking)
    let size = try FileStatus(of: file.raw).size
    var failure: Errno?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(Errno) {
        filled = try file.read(
          into: UnsafeMutableRawBufferPointer(buffer), at: max(0, size - count))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  private func contents(
    of sources: [Source]
  ) throws(ChannelError) -> [ChannelContents.Subdir] {
    var subdirs: [ChannelContents.Subdir] = []
    for source in sources {
      let packages =
        if let known = known[source.subdir] {
          try known.packages()
        } else {
          try packages(of: source)
        }
      subdirs.append(.init(platform: source.subdir, packages: packages))
    }
    return subdirs
  }

  /// What the index of a subdir lists that the run did not look at.
  private func packages(of source: Source) throws(ChannelError) -> [ListedPackage] {
    let path = layout.ledger(of: source.subdir)
    guard let ledger = (try? Descriptor.contents(of: path)).flatMap({ Ledger(bytes: $0) })
    else {
      throw ChannelError(
        path, "cannot be read, so the channel's documents stay as they are; index all subdirs")
    }
    var noted: [String] = []
    let selection = AmendmentSelection(source.amendments, among: ledger)
    let amended = try selection.applied(to: ledger, in: source.subdir, warnings: &noted)
    return amended.applied(to: ledger.published).listed
  }

  /// The yanks that hold: bytes that came later under the same names are listed.
  private func yanks(among sources: [Source]) -> YankList {
    let withheld = Set(
      sources.flatMap { source in
        source.amendments.withheld.map { PackageLocation($0, in: source.subdir) }
      })
    var list = operatorChanges.yanks
    list.packages = list.packages.filter { withheld.contains($0.key) }
    return list
  }

  private func fingerprint(
    of sources: [Source], _ yanks: YankList, _ page: ChannelDocuments.Document?
  ) -> String {
    let subdirs = sources.map { source in
      "\(source.subdir) \(source.ledger) \(source.amendments.fingerprint)"
    }
    let yanks = "yanked=\(Digest.sha256(of: yanks.bytes))"
    let home = page.map { "home=\(Digest.sha256(of: $0.bytes))" } ?? "home="
    return ([options.channelFingerprint, yanks, home] + subdirs).joined(separator: "\n")
  }

  private func documents(
    _ contents: ChannelContents, _ data: ChannelData, _ yanks: YankList
  ) throws(ChannelError) -> [ChannelDocuments.Document] {
    do throws(ZstandardError) {
      return try ChannelDocuments.all(
        contents, data, yanks, options, threads: threads)
    } catch {
      throw ChannelError(layout.root, "no documents can be made: \(error)")
    }
  }

  // MARK: The home page

  private func homePage(
    of sources: [Source], hasYanks: Bool
  ) -> ChannelDocuments.Document? {
    guard options.homePage, options.channelData else { return nil }
    let page = HomePage(
      title: options.title, subdirs: sources.map(\.subdir), options: options,
      hasYanks: hasYanks)
    return .init(name: .homePage, bytes: page.document)
  }

  // MARK: What was published

  private func generation() -> ChannelGeneration? {
    (try? Descriptor.contents(of: layout.generation)).flatMap(ChannelGeneration.init(bytes:))
  }

  private func write(_ generation: ChannelGeneration) throws(ChannelError) {
    try publication.publish(
      [.init(path: layout.generation, bytes: generation.bytes)], in: layout.state)
  }

  /// Removes files that are wanted no more, and that nobody has replaced by others.
  private func withdraw(
    _ old: ChannelGeneration?, for new: inout ChannelGeneration,
    report: inout IndexReport.Channel
  ) {
    var directories: Set<FilePath> = []
    for (path, document) in (old?.documents ?? [:]).sorted(by: { $0.key.precedes($1.key) })
    where new.documents[path] == nil {
      let file = layout.file(path)
      guard document.owns(file) else { continue }
      if publication.remove(file) {
        report.withdrawn.append(path)
        directories.insert(file.removingLastComponent())
      } else {
        // Still ours, and still to be removed.
        new.documents[path] = .init(digests: document.digests)
      }
    }
    for directory in directories { try? AtomicFile.synchronizeDirectory(directory) }
  }
}
