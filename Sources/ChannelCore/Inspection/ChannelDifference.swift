public import SystemPackage

/// What one channel lists and another does not, or otherwise.
public struct ChannelDifference: Sendable, Hashable {
  /// What differs in one subdir.
  public struct Subdir: Sendable, Hashable {
    /// The subdir.
    public let platform: Platform
    /// Packages that only the second channel lists.
    public internal(set) var added: [ArchiveName] = []
    /// Packages that only the first channel lists.
    public internal(set) var removed: [ArchiveName] = []
    /// Packages that both list, with records that differ.
    public internal(set) var changed: [IndexReport.Update] = []
  }

  /// The subdirs that differ, in alphabetical order.
  public let subdirs: [Subdir]

  /// Whether both list the same.
  public var isEmpty: Bool { subdirs.isEmpty }

  /// Compares what two channels list, by their `repodata.json`, whichever tool wrote it.
  ///
  /// The fields in `ignored` may differ: `indexed_timestamp` does between mirrors.
  ///
  /// - Throws: ``ChannelError`` when one of them has no index that can be read.
  public init(
    from first: FilePath, to second: FilePath, ignoring ignored: Set<String> = []
  ) throws(ChannelError) {
    self.init(
      try ChannelListing(of: ChannelLayout(root: first)),
      try ChannelListing(of: ChannelLayout(root: second)), ignoring: ignored)
  }

  init(_ first: ChannelListing, _ second: ChannelListing, ignoring ignored: Set<String> = []) {
    subdirs = Set(first.subdirs.keys).union(second.subdirs.keys).sorted().compactMap { platform in
      let (old, new) = (first.subdirs[platform], second.subdirs[platform])
      var subdir = Subdir(platform: platform)
      for archive in Set((old?.records ?? [:]).keys).union((new?.records ?? [:]).keys).sorted() {
        switch (old?.records[archive], new?.records[archive]) {
        case (nil, _?): subdir.added.append(archive)
        case (_?, nil): subdir.removed.append(archive)
        case (let before?, let after?) where before != after:
          let update = IndexReport.Update(
            archive: archive, before: Array(before), after: Array(after))
          if update.fields.contains(where: { !ignored.contains($0.name) }) {
            subdir.changed.append(update)
          }
        default: break
        }
      }
      let isEmpty = subdir.added.isEmpty && subdir.removed.isEmpty && subdir.changed.isEmpty
      return isEmpty ? nil : subdir
    }
  }

  /// The difference as canonical JSON, for machines.
  public var json: [UInt8] {
    var document = JSONObject()
    for subdir in subdirs {
      var changed = JSONObject()
      for update in subdir.changed {
        var fields = JSONObject()
        for field in update.fields {
          fields[field.name] = .array([field.before ?? .null, field.after ?? .null])
        }
        changed[update.archive.fileName] = .object(fields)
      }
      document[subdir.platform.name] = .object([
        "added": .array(subdir.added.map { .string($0.fileName) }),
        "changed": .object(changed),
        "removed": .array(subdir.removed.map { .string($0.fileName) }),
      ])
    }
    return JSONWriter.bytes(of: .object(["subdirs": .object(document)]))
  }
}

extension ChannelIndexer {
  /// What a run would change in what clients see, compared with what is published now.
  ///
  /// - Throws: ``ChannelError`` when the channel could not be indexed as a whole.
  public func difference(
    ignoring ignored: Set<String> = []
  ) throws(ChannelError) -> ChannelDifference {
    // A channel without an index lists nothing yet.
    let before = (try? ChannelListing(of: layout)) ?? ChannelListing()
    return ChannelDifference(before, try rehearsedListing(after: before), ignoring: ignored)
  }
}
