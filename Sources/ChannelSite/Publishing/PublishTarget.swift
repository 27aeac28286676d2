internal import ChannelCore
internal import ChannelHTTP

/// One package that somebody wants to publish, before any of it has arrived.
struct PublishTarget: Sendable {
  let channel: PublishableChannel
  let publisher: Publisher
  let archive: ArchiveName
  /// The subdir it is for; nil for that which the package names.
  let subdir: Platform?
  /// Whether a package of that name that has other bytes gives way.
  let replaces: Bool
  /// What the client says the bytes are.
  let expected: Digest?

  /// The name of a package that a request may give a file; nil for all others.
  ///
  /// Stricter than what the indexer reads: such names come from elsewhere.
  static func archive(_ name: String) -> ArchiveName? {
    guard let archive = ArchiveName(name), archive.isReadableByClients, !name.contains("/"),
      name.utf8.count <= PackageName.fileNameLengthLimit, archive.parts != nil
    else { return nil }
    return archive
  }
}

/// Who wants something, and from where.
struct Requester: Sendable {
  let identity: Identity
  /// An address as text.
  let address: String

  init(_ identity: Identity, _ request: HTTPRequest) {
    self.identity = identity
    address = String(decoding: request.remoteAddress, as: UTF8.self)
  }
}
