internal import ChannelSystem
internal import SystemPackage

/// What a run published of a subdir: by this the next run sees at a glance that nothing is to do,
/// and which files were made by this tool and are its to remove.
struct Generation: Sendable {
  /// The ledger that the documents were made from.
  var ledger: Digest
  /// The options they were made with.
  var options: String
  /// What the operator changed about the packages, see ``Amendments/fingerprint``.
  var amendments: String
  /// The documents that this tool has made.
  var documents: [ChannelLayout.DocumentName: Document] = [:]
  /// The directory of shards; nil when there are none.
  var shards: FileVersion?
  /// Since when the oldest shard waits that no index names any more, in milliseconds since 1970; nil
  /// when none does.
  var oldestRetired: Int?

  /// A document that this tool has made, and by which it knows it again.
  struct Document: Sendable {
    /// The file that was left behind; nil when that is not known, or no longer wanted.
    var version: FileVersion?
    /// The digests of what may stand there: more than one while a run is under way.
    var digests: [Digest]

    /// Whether the file at `path` is this document, byte for byte.
    func owns(_ path: FilePath) -> Bool {
      guard let bytes = try? Descriptor.contents(of: path) else { return false }
      return digests.contains(Digest.sha256(of: bytes))
    }

    /// Whether the file at `path` still is as it was left.
    func stands(at path: FilePath) -> Bool {
      version.map { Generation.version(of: path) == $0 } ?? false
    }
  }

  init(ledger: Digest, options: String, amendments: String) {
    self.ledger = ledger
    self.options = options
    self.amendments = amendments
  }

  /// A generation that is about to be published in the place of `old`; nil when `old` knows all its
  /// documents.
  ///
  /// It stands for no ledger, so that a run which finds it goes to work, and it knows the documents of
  /// both.
  static func intended(
    _ documents: [SubdirDocuments.Document], after old: Generation?
  ) -> Generation? {
    // Without amendments of its own: no shard is taken for current after a run that was cut off.
    var intended = Generation(ledger: Digest(bytes: []), options: "", amendments: "cut off")
    intended.documents = (old?.documents ?? [:]).mapValues { .init(digests: $0.digests) }
    var isNew = old == nil
    for document in documents {
      let digest = Digest.sha256(of: document.bytes)
      let known = intended.documents[document.name]?.digests ?? []
      guard !known.contains(digest) else { continue }
      isNew = true
      intended.documents[document.name] = .init(digests: known + [digest])
    }
    return isNew ? intended : nil
  }

  /// Whether the document called `name` is one that this tool made, byte for byte.
  func owns(_ name: ChannelLayout.DocumentName, at path: FilePath) -> Bool {
    documents[name]?.owns(path) ?? false
  }

  /// Whether all that was published still lies there as it was left.
  func stands(in subdir: Platform, of layout: ChannelLayout) -> Bool {
    documents.allSatisfy { name, document in
      document.stands(at: layout.document(name, in: subdir))
    } && shards.map { Self.version(of: layout.shards(of: subdir)) == $0 } ?? true
  }

  static func version(of path: FilePath) -> FileVersion? {
    (try? FileStatus(of: path)).map(FileVersion.init)
  }

  // MARK: The file

  private static let magic = Array("conda-channel generation 2\n".utf8)

  var bytes: [UInt8] {
    var writer = BinaryWriter()
    writer.append(Self.magic)
    writer.write(ledger.bytes)
    writer.write(options.utf8)
    writer.write(amendments.utf8)
    writer.write(Int64(oldestRetired ?? -1))
    writer.write(shards)
    for name in ChannelLayout.DocumentName.allCases {
      (documents[name] ?? .init(digests: [])).write(to: &writer)
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
      amendments = String(decoding: try reader.string(), as: UTF8.self)
      let since = Int(try reader.number(Int64.self))
      oldestRetired = since < 0 ? nil : since
      shards = try FileVersion(from: &reader)
      for name in ChannelLayout.DocumentName.allCases {
        let document = try Document(from: &reader)
        if !document.digests.isEmpty { documents[name] = document }
      }
    } catch {
      return nil
    }
  }
}

extension Generation.Document {
  func write(to writer: inout BinaryWriter) {
    writer.write(version)
    writer.write(digests.flatMap(\.bytes))
  }

  init(from reader: inout BinaryReader) throws(BinaryReader.Truncated) {
    version = try FileVersion(from: &reader)
    digests = []
    var rest = try reader.string()
    while rest.count >= 32 {
      digests.append(Digest(bytes: Array(rest.prefix(32))))
      rest = rest.dropFirst(32)
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
