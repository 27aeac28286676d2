internal import ChannelCore
internal import ChannelSystem
package import SystemPackage

/// A folder that is served, and the path under which it is.
package struct ServedFolder: Sendable, Hashable {
  /// Its path's parts; none for the whole server.
  package let path: [String]
  package let root: FilePath

  /// A folder that is served at `path`, as in `/condapkg`.
  package init(path: String, root: FilePath) {
    self.path = path.split(separator: "/").map(String.init)
    self.root = root
  }
}

/// A channel that can be published to: a served folder, or one somewhere below it.
struct PublishableChannel: Sendable, Hashable {
  /// Its path's parts on the server.
  let path: [String]
  let root: FilePath

  /// The path of something in it, as requests name it.
  func path(of parts: String...) -> [UInt8] {
    Array(("/" + (path + parts).joined(separator: "/")).utf8)
  }
}

/// Finds the channel that a request means.
struct ChannelFinder: Sendable {
  let folders: [ServedFolder]

  init(_ folders: [ServedFolder]) {
    // The longest path first, as requests are served.
    self.folders = folders.sorted { $0.path.count > $1.path.count }
  }

  /// The channel at a path of the server; nil when there is none.
  func channel(at path: [String]) -> PublishableChannel? {
    guard let folder = folders.first(where: { path.starts(with: $0.path) }) else { return nil }
    var root = folder.root
    for part in path.dropFirst(folder.path.count) {
      // A link could lead anywhere, and hidden folders are nobody's business.
      guard !part.hasPrefix("."), !Self.isSubdir(part), FilePath.Component(part) != nil else {
        return nil
      }
      root.append(part)
      guard (try? FileStatus(of: root, followingLinks: false).kind) == .directory else {
        return nil
      }
    }
    let isChannel =
      path.count == folder.path.count ? Self.mayBecomeChannel(root) : Self.isChannel(root)
    return isChannel ? PublishableChannel(path: path, root: root) : nil
  }

  /// The channel that a name means which is not a path: that of the path, or of a folder that is
  /// called so.
  func channel(named name: String) -> PublishableChannel? {
    if let channel = channel(at: name.split(separator: "/").map(String.init)),
      !channel.path.isEmpty
    {
      return channel
    }
    let named = folders.filter { ($0.path.last ?? $0.root.lastComponent?.string) == name }
    return named.count == 1 ? channel(at: named[0].path) : nil
  }

  /// All channels that there are now, those below others included.
  var all: [PublishableChannel] {
    var found: [PublishableChannel] = []
    func look(at path: [String], _ root: FilePath, depth: Int) {
      if Self.isChannel(root) { found.append(PublishableChannel(path: path, root: root)) }
      guard depth > 0, var entries = try? DirectoryEntries(of: root) else { return }
      while let entry = try? entries.next() {
        let (name, below) = (entry.text, root.appending(entry.text))
        guard !name.hasPrefix("."), !Self.isSubdir(name),
          (try? FileStatus(of: below, followingLinks: false).kind) == .directory
        else { continue }
        look(at: path + [name], below, depth: depth - 1)
      }
    }
    for folder in folders { look(at: folder.path, folder.root, depth: 3) }
    return found
  }

  private static func isChannel(_ root: FilePath) -> Bool {
    [ChannelLayout(root: root).state, ChannelLayout(root: root).directory(of: .noarch)].contains {
      (try? FileStatus(of: $0, followingLinks: false).kind) == .directory
    }
  }

  /// Whether a served folder is a channel or may become one, having no channels in it.
  private static func mayBecomeChannel(_ root: FilePath) -> Bool {
    if isChannel(root) { return true }
    guard var entries = try? DirectoryEntries(of: root) else { return false }
    while let entry = try? entries.next() {
      if !entry.text.hasPrefix("."), isChannel(root.appending(entry.text)) { return false }
    }
    return true
  }

  /// Whether a folder of this name is a subdir: channels may be called `team-a`, which has the form.
  private static func isSubdir(_ name: String) -> Bool {
    Platform(name)?.isKnown == true
  }
}
