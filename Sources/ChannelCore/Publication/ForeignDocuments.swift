internal import ChannelSystem
internal import SystemPackage

/// What people or other tools have put where this tool publishes its documents: none of it is lost.
///
/// Whether a document is this tool's own is known from the record of what was published, see
/// ``Generation/Document``. What stands in its place and is nobody's product but a person's, such as a
/// page, stays where it is, and ours is not published. An index of other tools has to give way, as a
/// channel can have one only; it is kept aside.
struct ForeignDocuments {
  let layout: ChannelLayout

  /// Whether the file at `path` is there and is not the document that `known` tells of.
  func isForeign(_ path: FilePath, _ known: Generation.Document?) -> Bool {
    guard (try? FileStatus(of: path)) != nil, known?.stands(at: path) != true else { return false }
    return known?.owns(path) != true
  }

  /// Copies those of `documents` aside that differ from what they are about to be replaced by, and
  /// returns a line about them.
  ///
  /// All are those of `subdir`, or of the channel as a whole. Of several that come to stand in one
  /// place, the last is kept.
  func setAside(
    _ documents: [Publication.Document], of subdir: Platform? = nil
  ) throws(ChannelError) -> String? {
    let target = subdir.map { layout.replaced.appending($0.name) } ?? layout.replaced
    var copies: [Publication.Document] = []
    for document in documents {
      guard let name = document.path.lastComponent else { continue }
      do throws(Errno) {
        guard try FileStatus(of: document.path).kind == .regular,
          let bytes = try Descriptor.contents(of: document.path), bytes != document.bytes
        else { continue }
        try target.makeDirectory()
        copies.append(.init(path: target.appending(name), bytes: bytes))
      } catch {
        throw ChannelError(
          document.path, "was not made by this tool, and cannot be kept aside: \(error)")
      }
    }
    guard !copies.isEmpty else { return nil }
    try Publication().publish(copies, in: target)
    let names = copies.compactMap { $0.path.lastComponent?.string }
    return "\(names.joined(separator: ", ")) of \(subdir?.name ?? "the channel"):"
      + " not made by this tool, whose own stand there now; kept in \(target)"
  }
}

extension ChannelLayout.RootDocumentName {
  /// Whether tools alone make and read such a document; others may be somebody's work.
  var isIndex: Bool { self == .channelData || self == .channelDataZstandard }

  /// What a run says of somebody's own document that it left.
  var keptWarning: String {
    "\(rawValue): stays as it is, since this tool did not make it; \(advice)"
  }

  /// What to do where somebody's own document is to stay.
  var advice: String {
    switch self {
    case .homePage: "--no-home-page wants none"
    case .feed: "without --channel-url none is wanted"
    case .notices: "without --notices none is wanted"
    default: "move it away to have it made"
    }
  }
}
