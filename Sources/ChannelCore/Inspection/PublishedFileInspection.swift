internal import ChannelSystem
internal import SystemPackage

/// Compares files with what the last run published under their names, byte for byte.
struct PublishedFileInspection {
  let layout: ChannelLayout

  /// What is wrong with the documents and icons of the channel as a whole.
  func root() -> [Finding] {
    let generation = (try? Descriptor.contents(of: layout.generation))
      .flatMap(ChannelGeneration.init(bytes:))
    if generation == nil, (try? SubdirSearch(layout).knownSubdirs())?.isEmpty == false {
      return [lostRecord(".")]
    }
    let kept = (generation?.kept ?? []).filter { name in
      (try? FileStatus(of: layout.document(name))) != nil
    }
    return (generation?.documents ?? [:]).sorted { $0.key.precedes($1.key) }
      .compactMap { path, document in finding(path, document) }
      + kept.map { name in
        Finding(
          kind: .document, path: name.rawValue,
          problem: "was not made by this tool, which leaves it as it is",
          remedy: "remove it and run channel-index to have another, or keep it: \(name.advice)")
      }
  }

  /// What is wrong with the documents of a subdir that nothing else can be compared with.
  func subdir(_ subdir: Platform) -> [Finding] {
    let generation = (try? Descriptor.contents(of: layout.generation(of: subdir)))
      .flatMap(Generation.init(bytes:))
    if generation == nil, Generation.version(of: layout.ledger(of: subdir)) != nil {
      return [lostRecord(subdir.name)]
    }
    let names: [ChannelLayout.DocumentName] = [.currentRepodata, .currentRepodataZstandard]
    return names.compactMap { name in
      generation?.documents[name].flatMap { finding("\(subdir)/\(name.rawValue)", $0) }
    }
  }

  private func lostRecord(_ path: String) -> Finding {
    Finding(
      kind: .ledger, path: path,
      problem: "the record of what was published here is lost or damaged",
      remedy: "run channel-index; what is not its own to the byte it takes for somebody else's")
  }

  private func finding(_ path: String, _ document: Generation.Document) -> Finding? {
    let file = layout.file(path)
    guard (try? FileStatus(of: file)) != nil else {
      // Without a version it is wanted no longer, or a run that was cut off did not come to it.
      guard document.version != nil else { return nil }
      return Finding(
        kind: .document, path: path, problem: "is not there, and was published",
        remedy: "run channel-index")
    }
    guard !document.owns(file) else { return nil }
    // A run alone would leave damage without a trace in the file's times, and what others wrote.
    let name = ChannelLayout.RootDocumentName(rawValue: path)
    let advice = name.flatMap { $0.isIndex ? nil : ", or keep it: \($0.advice)" } ?? ""
    return Finding(
      kind: .document, path: path, problem: "does not hold what was published",
      remedy: "remove it and run channel-index" + advice)
  }
}
