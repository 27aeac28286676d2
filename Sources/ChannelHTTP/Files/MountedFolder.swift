internal import ChannelSystem
internal import Logging
internal import SystemPackage

/// A served folder as one loop sees it.
final class MountedFolder {
  /// How a folder is shown.
  struct Options: Sendable {
    /// Components of the path under which the root appears; empty for `/`.
    var mount: [UInt8] = []
    var cachePolicy = CachePolicy.channel
    var showsListings = true
    var decorator: ListingDecorator?
    var concealments = Concealments([])
    /// What listings put away below the rest.
    var asides: [ListingAside] = []
    /// The file that stands for its directory; nil for none.
    var indexFile: [UInt8]? = Array("index.html".utf8)

    init() {}
  }

  /// What a folder is made of, before it has come to its loop.
  struct Parts: Sendable {
    let root: Handover<PathResolver>
    let options: Options
  }

  let mount: [UInt8]
  /// Which of the loop's folders it is.
  let number: Int
  var loader: FileLoader

  /// Makes a folder of its parts; nil when they are used up.
  init?(_ parts: Parts, number: Int, logger: Logger) {
    guard let root = parts.root.take() else { return nil }
    mount = parts.options.mount
    self.number = number
    loader = FileLoader(root, options: parts.options, logger: logger)
  }

  /// The folder itself.
  var root: FileDescriptor { loader.root }
}
