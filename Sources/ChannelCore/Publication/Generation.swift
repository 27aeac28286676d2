internal import ChannelSystem
internal import SystemPackage

/// What a run published of a subdir: by this the next run sees at a glance that nothing is to do,
/// and which files were made by this tool and are its to remove.
struct Generation: Sendable {
  /// The ledger that the documents were made from.
  var ledger: Digest
  /// The options they were made with.
  var options: String
  /// The documents, and which version of each file was left behind.
  var documents: [ChannelLayout.DocumentName: FileVersion] = [:]
  /// The directory of shards; nil when there are none.
  var shards: FileVersion?
  /// When a retired shard is due to be removed, in milliseconds since 1970; nil when none waits.
  var collectionDue: Int?

  init(ledger: Digest, options: String) {
    self.ledger = ledger
    self.options = options
  }

  /// Whether all that was published still lies there as it was left.
  func stands(in subdir: Platform, of layout: ChannelLayout) -> Bool {
    documents.allSatisfy { name, version in
      Self.version(of: layout.document(name, in: subdir)) == version
    } && shards.map { Self.version(of: layout.shards(of: subdir)) == $0 } ?? true
  }

  static func version(of path: FilePath) -> FileVersion? {
    (try? FileStatus(of: path)).map(FileVersion.init)
  }

  // MARK: The file

  private static let magic = Array("conda-channel generation 1\n".utf8)

  var bytes: [UInt8] {
    var writer = BinaryWriter()
    writer.append(Self.magic)
    writer.write(ledger.bytes)
    writer.write(options.utf8)
    writer.write(Int64(collectionDue ?? -1))
    writer.write(shards)
    for name in ChannelLayout.DocumentName.allCases {
      writer.write(documents[name])
    }
    writer.seal()
    return writer.bytes
  }

  /// The generation in a file's bytes; nil when they are damaged or from another version.
  init?(bytes: [UInt8]) {
    guard var reader = BinaryReader(sealed: bytes, magic: Self.magic) else { return nil }
    do throws(BinaryReader.Truncated) {
      ledger = Digest(bytes: Array(try reader.string()))
      options = String(decoding: try reader.string(), as: UTF8.self)
      let due = Int(try reader.number(Int64.self))
      collectionDue = due < 0 ? nil : due
      shards = try FileVersion(from: &reader)
      for name in ChannelLayout.DocumentName.allCases {
        documents[name] = try FileVersion(from: &reader)
      }
    } catch {
      return nil
    }
  }
}

extension BinaryWriter {
  fileprivate mutating func write(_ version: FileVersion?) {
    write(UInt8(version == nil ? 0 : 1))
    guard let version else { return }
    version.write(to: &self)
  }
}

extension FileVersion {
  fileprivate init?(from reader: inout BinaryReader) throws(BinaryReader.Truncated) {
    guard try reader.number(UInt8.self) == 1 else { return nil }
    self = try FileVersion(reading: &reader)
  }
}
