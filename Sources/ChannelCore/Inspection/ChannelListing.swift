internal import ChannelSystem
internal import SystemPackage

/// What all the subdirs of a channel list, whichever tool wrote their indexes.
struct ChannelListing: Sendable {
  var subdirs: [Platform: PublishedIndex] = [:]

  init() {}

  /// Reads every `repodata.json` there is.
  init(of layout: ChannelLayout) throws(ChannelError) {
    var found: [Platform] = []
    do throws(Errno) {
      var entries = try DirectoryEntries(of: layout.root)
      while let entry = try entries.next() {
        if let subdir = Platform(entry.text) { found.append(subdir) }
      }
    } catch {
      throw ChannelError(layout.root, "cannot be listed: \(error)")
    }
    for subdir in found {
      let path = layout.document(.repodata, in: subdir)
      guard let bytes = try? Descriptor.contents(of: path) else { continue }
      do throws(JSONError) {
        subdirs[subdir] = try PublishedIndex(repodata: bytes)
      } catch {
        throw ChannelError(path, "cannot be read: \(error)")
      }
    }
    guard !subdirs.isEmpty else {
      throw ChannelError(layout.root, "no channel: no subdir in it has a repodata.json")
    }
  }
}
