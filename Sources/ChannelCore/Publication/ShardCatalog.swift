/// Which shards a subdir has: those its index names, and those it named until lately.
struct ShardCatalog: Sendable {
  /// A shard by the name of its packages.
  struct Entry: Sendable {
    var name: ArraySlice<UInt8>
    var reference: Shards.Reference
    /// What amendments made of the packages when the shard was made; nil when they left them alone.
    var amendments: Digest?
  }

  /// A shard that no index names any more, but that a client may still ask for.
  struct Retired: Sendable {
    var sha256: Digest
    /// Milliseconds since 1970.
    var since: Int
  }

  /// The ledger whose packages the shards hold.
  var ledger: Digest
  /// Sorted by name.
  var entries: [Entry] = []
  var retired: [Retired] = []

  // The number counts the changes to what shards hold: those of another kind are made anew.
  private static let magic = Array("conda-channel shards 2\n".utf8)

  init(ledger: Digest) {
    self.ledger = ledger
  }

  /// The catalog's file, closed with a digest.
  var bytes: [UInt8] {
    var writer = BinaryWriter()
    writer.append(Self.magic)
    writer.write(ledger.bytes)
    writer.write(UInt32(entries.count))
    for entry in entries {
      writer.write(entry.name)
      writer.write(entry.reference.sha256.bytes)
      writer.write(UInt64(entry.reference.size))
      writer.write(entry.amendments?.bytes ?? [])
    }
    for shard in retired {
      writer.write(shard.sha256.bytes)
      writer.write(Int64(shard.since))
    }
    writer.seal()
    return writer.bytes
  }

  /// The catalog in a file's bytes; nil when they are damaged or from another version.
  init?(bytes: [UInt8]) {
    guard var reader = BinaryReader(sealed: bytes, magic: Self.magic) else { return nil }
    do throws(BinaryReader.Truncated) {
      ledger = Digest(bytes: Array(try reader.string()))
      for _ in 0..<(try reader.number(UInt32.self)) {
        let name = try reader.string()
        let sha256 = Digest(bytes: Array(try reader.string()))
        let size = Int(clamping: try reader.number(UInt64.self))
        let amendments = Array(try reader.string())
        entries.append(
          Entry(
            name: name, reference: .init(sha256: sha256, size: size),
            amendments: amendments.isEmpty ? nil : Digest(bytes: amendments)))
      }
      while !reader.isAtEnd {
        let sha256 = Digest(bytes: Array(try reader.string()))
        retired.append(Retired(sha256: sha256, since: Int(try reader.number(Int64.self))))
      }
    } catch {
      return nil
    }
  }
}
