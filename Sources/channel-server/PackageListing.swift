import ChannelCore
import ChannelHTTP
import ChannelSystem
import SystemPackage

/// Shows the folders of a channel's subdirs as packages instead of files.
struct PackageListing: Sendable {
  /// The folder that is served, below which channels may lie anywhere.
  let root: FilePath
  /// What the served folder is called; empty for no name.
  let rootName: String
  /// Pages are made anew for each order of the rows and by each loop; the index is read once.
  private let indexes = PublishedSubdirCache()

  init(root: FilePath, rootName: String) {
    self.root = root
    self.rootName = rootName
  }

  var decorator: ListingDecorator {
    ListingDecorator { page(of: $0)?.html }
  }

  /// The page of a subdir's folder; nil for any other folder.
  func page(of listing: DirectoryListing) -> DirectoryPage? {
    let path = FilePath(String(decoding: listing.path, as: UTF8.self))
    guard let last = path.lastComponent, let subdir = Platform(last.string) else { return nil }
    let layout = ChannelLayout(root: root.appending(path.removingLastComponent().components))
    let index = try? indexes.subdir(subdir, of: layout)
    guard index != nil || subdir.isKnown else { return nil }

    var packages: [Package] = []
    var others: [DirectoryListing.Entry] = []
    for entry in listing.entries {
      if let package = Package(entry, in: index) {
        packages.append(package)
      } else {
        others.append(entry)
      }
    }
    guard !packages.isEmpty else { return nil }
    if listing.order == .name { Package.sort(&packages, descending: listing.isDescending) }

    var page = DirectoryPage(of: listing, facts: ["Version", "Build"], digest: "SHA-256")
    page.rootName = rootName
    page.noun = (one: "package", many: "packages")
    if hasHomePage(layout) { page.about = "../#/{0}" }
    page.rows = packages.map(\.row)
    page.asides = [(title: "Other files", entries: others)]
    page.commands = [
      .init("conda", "conda install -c {parent} {0}={1}={2}"),
      .init("mamba", "mamba install -c {parent} {0}={1}={2}"),
      .init("pixi", "pixi workspace channel add {parent}\npixi add {0}=={1}={2}"),
    ]
    return page
  }

  /// Whether the channel has the page of ours that shows one package by its name.
  private func hasHomePage(_ layout: ChannelLayout) -> Bool {
    guard let page = try? Descriptor.contents(of: layout.root.appending("index.html")) else {
      return false
    }
    return page.prefix(2048).firstRange(of: Array("content=\"conda-channel\"".utf8)) != nil
  }
}

extension PackageListing {
  /// A package file, with what its name or the index says of it.
  struct Package {
    let entry: DirectoryListing.Entry
    let archive: ArchiveName
    let facts: PublishedSubdir.Package
    let mark: DirectoryPage.Mark?

    /// The package that `entry` is; nil when it is none.
    init?(_ entry: DirectoryListing.Entry, in index: PublishedSubdir?) {
      guard !entry.isDirectory, let name = String(validating: entry.name, as: UTF8.self),
        let archive = ArchiveName(name)
      else { return nil }
      self.entry = entry
      self.archive = archive
      let listed = index?.packages[name]
      facts = listed ?? .init(spelledBy: archive)
      mark =
        switch index?.leftOut[name] {
        case .yanked(let reason): .init("yanked", reason: reason)
        case .removed: .init("removed")
        case .refused(let reason): .init("refused", reason: reason)
        case nil:
          // The index may be older than the file.
          index == nil || listed.map({ $0.size ?? entry.size }) == entry.size
            ? nil : .init("not indexed yet")
        }
    }

    var row: DirectoryPage.Row {
      var row = DirectoryPage.Row(entry, facts: [facts.version, facts.build])
      row.label = Array(facts.name.utf8)[...]
      if archive.format == .tarBz2 { row.note = archive.format.rawValue }
      row.digest = facts.sha256
      row.mark = mark
      return row
    }

    /// Sorts by name, and the newest of each name first.
    static func sort(_ packages: inout [Package], descending: Bool) {
      // Apart from the rest: packages are too much to be moved about, and even to be looked at whole.
      let names = packages.map(\.facts.name)
      let versions = packages.map { PackageVersion($0.facts.version) }
      let order = packages.indices.sorted { left, right in
        if names[left] != names[right] { return names[left].precedes(names[right]) }
        if versions[left] != versions[right] {
          guard let version = versions[left], let than = versions[right] else {
            return versions[left] != nil
          }
          return than < version
        }
        let (one, other) = (packages[left], packages[right])
        if one.facts.buildNumber != other.facts.buildNumber {
          return one.facts.buildNumber > other.facts.buildNumber
        }
        if (one.mark == nil) != (other.mark == nil) { return one.mark == nil }
        return one.archive < other.archive
      }
      packages = order.map { packages[$0] }
      if descending { packages.reverse() }
    }
  }
}

extension PublishedSubdir.Package {
  /// What the name of a file says: `name-version-build`.
  fileprivate init(spelledBy archive: ArchiveName) {
    self.init()
    let parts = archive.stem.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 3 else {
      name = String(archive.stem)
      return
    }
    name = parts.dropLast(2).joined(separator: "-")
    version = String(parts[parts.count - 2])
    build = String(parts[parts.count - 1])
  }
}
