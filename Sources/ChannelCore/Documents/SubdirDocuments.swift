/// Which documents a channel publishes, and how.
public struct DocumentOptions: Sendable, Hashable {
  /// `repodata.json.zst`, and `run_exports.json.zst` beside its document.
  public var zstandard = true
  /// `repodata.json.bz2`, for clients that know nothing newer.
  public var bzip2 = false
  /// Sharded repodata (CEP 16).
  public var shards = true
  /// How long a shard stays after the last index that named it, in seconds: clients may hold that
  /// index for so long.
  public var shardGrace = 7 * 24 * 60 * 60
  /// `run_exports.json` (CEP 12).
  public var runExports = true
  /// `current_repodata.json`, for conda's classic solver.
  public var currentRepodata = false
  /// What it lists beside the newest versions.
  public var pins = VersionPins()
  /// Which other channels clients shall load with this one (CEP 42).
  public var relations = ChannelRelations()
  /// `channeldata.json` (CEP 38), and the icons that it names.
  public var channelData = true
  /// Where clients find the channel; `rss.xml` is made when this is known.
  public var channelURL: String?
  /// `notices.json` (CEP 6); nil for none.
  public var notices: Notices?
  /// `index.html`, a page that shows people what `channeldata.json` lists and so needs it.
  public var homePage = true
  /// What the page calls the channel; nil for the last part of its URL.
  public var title: String?
  /// Where the packages lie, when that is not beside the documents (CEP 15): the URL of a channel,
  /// to which the subdir's name is added.
  public var baseURL: String?

  /// What a channel publishes unless told otherwise.
  public init() {}

  /// The options in one line, the same for options that make the same bytes.
  var fingerprint: String {
    // The number counts the changes of this tool that change bytes.
    "1 zst=\(zstandard) bz2=\(bzip2) shards=\(shards) run_exports=\(runExports)"
      + " base_url=\(baseURL ?? "")"
      + (currentRepodata ? " current=\(pins.fingerprint)" : "")
      + (relations.document.map { " relations=\(JSONValue.object($0))" } ?? "")
  }

  /// The same of the options for the documents of the channel as a whole.
  var channelFingerprint: String {
    "1 channeldata=\(channelData) zst=\(zstandard) url=\(channelURL ?? "")"
      + " notices=\(notices.map { "\(Digest.sha256(of: $0.document))" } ?? "")"
      + " pins=\(currentRepodata ? pins.fingerprint : "")"
  }
}

/// The documents of a subdir that stand under a fixed name, but for the index of shards.
enum SubdirDocuments {
  struct Document: Sendable {
    var name: ChannelLayout.DocumentName
    var bytes: [UInt8]
  }

  /// The documents in the order in which they are published: first what is asked for first.
  static func all(
    _ contents: SubdirContents, _ options: DocumentOptions, threads: Int
  ) throws(ZstandardError) -> [Document] {
    var documents: [Document] = []
    let repodata = Repodata.document(contents)
    if options.zstandard {
      documents.append(
        .init(name: .repodataZstandard, bytes: try compressed(repodata, threads: threads)))
    }
    if options.bzip2, let bytes = Bzip2.compress(repodata) {
      documents.append(.init(name: .repodataBzip2, bytes: bytes))
    }
    documents.append(.init(name: .repodata, bytes: repodata))
    if options.currentRepodata {
      let current = CurrentRepodata.document(contents, pins: options.pins, threads: threads)
      if options.zstandard {
        documents.append(
          .init(name: .currentRepodataZstandard, bytes: try compressed(current, threads: threads)))
      }
      documents.append(.init(name: .currentRepodata, bytes: current))
    }
    if options.runExports {
      let runExports = RunExportsDocument.document(contents)
      if options.zstandard {
        documents.append(
          .init(name: .runExportsZstandard, bytes: try compressed(runExports, threads: threads)))
      }
      documents.append(.init(name: .runExports, bytes: runExports))
    }
    if let original = contents.beforePatches {
      let repodata = Repodata.document(original)
      if options.zstandard {
        documents.append(
          .init(
            name: .repodataFromPackagesZstandard, bytes: try compressed(repodata, threads: threads)
          ))
      }
      documents.append(.init(name: .repodataFromPackages, bytes: repodata))
    }
    return documents
  }

  private static func compressed(
    _ bytes: [UInt8], threads: Int
  ) throws(ZstandardError) -> [UInt8] {
    try ZstandardCompressor().frame(of: bytes, .document, threads: threads)
  }
}
