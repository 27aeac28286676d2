/// The documents of a channel as a whole.
enum ChannelDocuments {
  struct Document: Sendable {
    var name: ChannelLayout.RootDocumentName
    var bytes: [UInt8]
  }

  /// The documents in the order in which they are published: first what is asked for first.
  static func all(
    _ contents: ChannelContents, _ data: ChannelData, _ yanks: YankList, _ options: DocumentOptions,
    threads: Int
  ) throws(ZstandardError) -> [Document] {
    var documents: [Document] = []
    if options.channelData {
      let document = data.document
      if options.zstandard {
        let frame = try ZstandardCompressor().frame(of: document, .document, threads: threads)
        documents.append(.init(name: .channelDataZstandard, bytes: frame))
      }
      documents.append(.init(name: .channelData, bytes: document))
    }
    if !yanks.packages.isEmpty { documents.append(.init(name: .yanked, bytes: yanks.bytes)) }
    if let url = options.channelURL {
      documents.append(.init(name: .feed, bytes: Feed.document(contents, data, url: url)))
    }
    if let notices = options.notices {
      documents.append(.init(name: .notices, bytes: notices.document))
    }
    return documents
  }
}
