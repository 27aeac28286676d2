internal import ChannelCore
internal import ChannelSite
internal import ChannelSystem
internal import SystemPackage

/// The channels that the server shows, and under which paths.
struct ServedChannels: Sendable {
  /// A channel, and the path of its root in URLs, with a slash at neither end.
  struct Channel: Sendable {
    let path: String
    let layout: ChannelLayout
  }

  /// A folder that is served, which may be a channel or hold some.
  struct Folder: Sendable {
    /// Where it appears, with a slash at neither end.
    let path: [UInt8]
    let root: FilePath

    init(at path: String, _ root: FilePath) {
      self.path = Array(path.utf8.split(separator: UInt8(ascii: "/")).joined(separator: [0x2F]))
      self.root = root
    }
  }

  let folders: [Folder]

  /// No server is expected to show more; what looks through them all must end.
  private static let limit = 100

  /// Every channel: the folders themselves, or those of their directories that hold an index.
  func all() -> [Channel] {
    var found: [Channel] = []
    for folder in folders {
      let path = String(decoding: folder.path, as: UTF8.self)
      let layout = ChannelLayout(root: folder.root)
      if !subdirs(of: layout).isEmpty {
        found.append(Channel(path: path, layout: layout))
        continue
      }
      for name in names(in: folder.root).sorted() where found.count < Self.limit {
        let layout = ChannelLayout(root: folder.root.appending(name))
        guard !subdirs(of: layout).isEmpty else { continue }
        found.append(Channel(path: path.isEmpty ? name : "\(path)/\(name)", layout: layout))
      }
    }
    return found
  }

  /// The subdirs of a channel that have an index.
  func subdirs(of layout: ChannelLayout) -> [Platform] {
    names(in: layout.root).compactMap { Platform($0) }.filter { subdir in
      (try? FileStatus(of: layout.document(.repodata, in: subdir)).kind) == .regular
    }.sorted()
  }

  private func names(in directory: FilePath) -> [String] {
    var names: [String] = []
    guard var entries = try? DirectoryEntries(of: directory) else { return [] }
    while let entry = try? entries.next() {
      if !entry.text.hasPrefix(".") { names.append(entry.text) }
    }
    return names
  }

  /// Where a package is counted, by its path in URLs as below.
  func place(of path: [UInt8]) -> DownloadCounter.Place? {
    guard let package = package(at: path) else { return nil }
    let channel = FilePath(String(decoding: path, as: UTF8.self)).components.dropLast(2)
    return DownloadCounter.Place(
      channel: "/" + channel.map(\.string).joined(separator: "/"),
      package: "\(package.subdir.name)/\(package.file)")
  }

  /// A package by its path in URLs, percent-decoded and starting with a slash.
  func package(at path: [UInt8]) -> (layout: ChannelLayout, subdir: Platform, file: String)? {
    let folder = folders.filter { $0.holds(path) }.max { $0.path.count < $1.path.count }
    guard let folder else { return nil }
    let below = path.dropFirst(folder.path.isEmpty ? 1 : folder.path.count + 2)
    let components = FilePath(String(decoding: below, as: UTF8.self)).components
    guard components.count >= 2, let file = components.last?.string, ArchiveName(file) != nil,
      let subdir = components.dropLast().last.flatMap({ Platform($0.string) })
    else { return nil }
    var root = folder.root
    root.components.append(contentsOf: components.dropLast(2))
    return (ChannelLayout(root: root), subdir, file)
  }
}

extension ServedChannels.Folder {
  fileprivate func holds(_ path: [UInt8]) -> Bool {
    let rest = path.dropFirst()
    return self.path.isEmpty
      || rest.starts(with: self.path) && rest.dropFirst(self.path.count).first == 0x2F
  }
}
