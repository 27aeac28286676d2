/// Sharded repodata (CEP 16): one small document a package name, and an index of them.
enum Shards {
  /// Where a shard lies and how large it is.
  struct Reference: Sendable, Hashable {
    /// The digest of the compressed shard, which is its name.
    var sha256: Digest
    /// In bytes, compressed.
    var size: Int

    var fileName: String { Shards.fileName(of: sha256) }
  }

  private static let suffix = ".msgpack.zst"

  static func fileName(of sha256: Digest) -> String { "\(sha256)\(suffix)" }

  /// The digest that a shard's file name spells; nil for other names.
  static func digest(ofFileName name: String) -> Digest? {
    guard name.utf8.count == 64 + suffix.utf8.count, name.hasSuffix(suffix) else { return nil }
    return Digest(hexadecimal: String(name.prefix(64)))
  }

  /// The shard of one package name, before compression.
  ///
  /// Records carry their run exports, `{}` when there are none: without that a client would download
  /// the package to find out.
  static func shard(of packages: [ListedPackage], removed: [ListedPackage] = []) -> [UInt8] {
    var writer = MessagePackWriter()
    let revision3 = packages.filter { $0.package.revision == .v3 }
    let legacy = packages.filter { $0.package.revision == .legacy }
    writer.writeMap(count: 2 + (removed.isEmpty ? 0 : 1) + (revision3.isEmpty ? 0 : 1))
    writer.write("packages")
    write(legacy.filter { $0.archive.format == .tarBz2 }, to: &writer)
    writer.write("packages.conda")
    write(legacy.filter { $0.archive.format == .conda }, to: &writer)
    if !removed.isEmpty {
      writer.write("removed")
      writer.write(.array(removed.map { .string($0.archive.fileName) }))
    }
    if !revision3.isEmpty {
      writer.write("v3")
      writer.writeMap(count: 2)
      writer.write("conda")
      write(revision3.filter { $0.archive.format == .conda }, to: &writer)
      writer.write("tar.bz2")
      write(revision3.filter { $0.archive.format == .tarBz2 }, to: &writer)
    }
    return writer.bytes
  }

  private static func write(_ packages: [ListedPackage], to writer: inout MessagePackWriter) {
    writer.writeMap(count: packages.count)
    for listed in packages {
      writer.write(listed.key)
      write(listed.package, to: &writer)
    }
  }

  private static func write(_ package: PublishedPackage, to writer: inout MessagePackWriter) {
    // These bytes are our own writer's; were they damaged, the ledger would have been refused.
    var record = (try? JSONReader.value(in: Array(package.record)).object) ?? JSONObject()
    record["run_exports"] = (try? JSONReader.value(in: Array(package.runExports))) ?? .null
    writer.writeMap(count: record.members.count)
    for member in record.members {
      writer.write(member.name)
      if member.name == "md5" || member.name == "sha256",
        let digest = member.value.string.flatMap(Digest.init(hexadecimal:))
      {
        writer.write(binary: digest.bytes)
      } else {
        writer.write(member.value)
      }
    }
  }

  /// The index, before compression; `references` are sorted by name.
  static func index(
    _ contents: SubdirContents, references: [(name: ArraySlice<UInt8>, reference: Reference)]
  ) -> [UInt8] {
    var writer = MessagePackWriter()
    writer.writeMap(count: 3)
    writer.write("info")
    let relations = contents.relations.document
    writer.writeMap(
      count: 4 + (relations == nil ? 0 : 1) + (contents.revision3 == nil ? 0 : 1))
    writer.write("base_url")
    writer.write(contents.baseURL ?? "./")
    if let relations {
      writer.write("channel_relations")
      writer.write(.object(relations))
    }
    writer.write("created_at")
    // The newest package's time, not the clock's: unchanged packages make an unchanged index.
    writer.write(RFC3339.text(milliseconds: contents.packages.map(\.appeared).max() ?? 0))
    if let revision3 = contents.revision3 {
      writer.write("repodata_revisions")
      writer.write(.object(revision3.document))
    }
    writer.write("shards_base_url")
    writer.write("./shards/")
    writer.write("subdir")
    writer.write(contents.subdir.name)
    writer.write("shards")
    writer.writeMap(count: references.count)
    for (name, reference) in references {
      writer.write(text: name)
      writer.write(binary: reference.sha256.bytes)
    }
    writer.write("version")
    writer.write(1)
    return writer.bytes
  }
}
