internal import SystemPackage

/// What a run published at a channel's root: by this the next run sees at a glance that nothing is to
/// do, and which files are its to remove.
struct ChannelGeneration: Sendable {
  /// What the documents were made from and how; the same for those that make the same documents.
  var fingerprint: String
  /// The files that this tool has made, by their path below the root.
  var documents: [String: Generation.Document] = [:]

  init(fingerprint: String) {
    self.fingerprint = fingerprint
  }

  /// A generation that is about to be published in the place of `old`; nil when `old` knows all its
  /// documents.
  ///
  /// It has no fingerprint, so that a run which finds it goes to work, and it knows the documents of
  /// both.
  static func intended(
    _ digests: [String: Digest], after old: ChannelGeneration?
  ) -> ChannelGeneration? {
    var intended = ChannelGeneration(fingerprint: "")
    intended.documents = (old?.documents ?? [:]).mapValues { .init(digests: $0.digests) }
    var isNew = old == nil
    for (path, digest) in digests {
      let known = intended.documents[path]?.digests ?? []
      guard !known.contains(digest) else { continue }
      isNew = true
      intended.documents[path] = .init(digests: known + [digest])
    }
    return isNew ? intended : nil
  }

  private static let keptPrefix = "kept="

  /// A fingerprint that says as well which files of others were left where documents belong.
  static func fingerprint(
    _ text: String, keeping kept: [ChannelLayout.RootDocumentName]
  ) -> String {
    kept.isEmpty ? text : "\(text)\n\(keptPrefix)\(kept.map(\.rawValue).joined(separator: ","))"
  }

  /// The files of others that were left where documents belong.
  var kept: [ChannelLayout.RootDocumentName] {
    let lines = fingerprint.split(separator: "\n").filter { $0.hasPrefix(Self.keptPrefix) }
    return lines.flatMap { $0.dropFirst(Self.keptPrefix.count).split(separator: ",") }
      .compactMap { ChannelLayout.RootDocumentName(rawValue: String($0)) }
  }

  /// Whether all that was published still lies there as it was left.
  func stands(in layout: ChannelLayout) -> Bool {
    documents.allSatisfy { path, document in document.stands(at: layout.file(path)) }
  }

  // MARK: The file

  private static let magic = Array("conda-channel channel generation 1\n".utf8)

  var bytes: [UInt8] {
    var writer = BinaryWriter()
    writer.append(Self.magic)
    writer.write(fingerprint.utf8)
    for (path, document) in documents.sorted(by: { $0.key.precedes($1.key) }) {
      writer.write(path.utf8)
      document.write(to: &writer)
    }
    writer.seal()
    return writer.bytes
  }

  /// The generation in a file's bytes; nil when they are damaged or from another version.
  init?(bytes: [UInt8]) {
    guard var reader = BinaryReader(sealed: bytes, magic: Self.magic) else { return nil }
    do throws(BinaryReader.Truncated) {
      fingerprint = String(decoding: try reader.string(), as: UTF8.self)
      while !reader.isAtEnd {
        let path = String(decoding: try reader.string(), as: UTF8.self)
        documents[path] = try Generation.Document(from: &reader)
      }
    } catch {
      return nil
    }
  }
}

extension ChannelLayout {
  /// A file by its path below the root.
  func file(_ path: String) -> FilePath {
    root.appending(FilePath(path).components)
  }
}
