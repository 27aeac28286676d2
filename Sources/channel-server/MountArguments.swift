import ArgumentParser
import ChannelHTTP
import SystemPackage

/// Which folders are served, and where they appear.
struct MountArguments: ParsableArguments {
  @Argument(help: "The folder to serve.", completion: .directory)
  var directory: String?

  @Option(
    name: .customLong("mount"),
    help: ArgumentHelp(
      """
      Where the folder appears, as in /condapkg, or where another does, as in /team=DIR; may be \
      repeated. (default: /)
      """, valueName: "path[=dir]"))
  var mounts: [String] = []

  func validate() throws {
    if let empty = mounts.first(where: { Self.folder(of: $0) == "" }) {
      throw ValidationError("--mount \(empty) names no folder.")
    }
  }

  /// The folder of a mount with one of its own.
  private static func folder(of mount: String) -> String? {
    mount.firstIndex(of: "=").map { String(mount[mount.index(after: $0)...]) }
  }

  /// Every folder with its path, its subdirs shown as packages.
  func all() throws -> [Mount] {
    // Not when it is validated: what is missing may stand in a file.
    if directory == nil, mounts.isEmpty || mounts.contains(where: { Self.folder(of: $0) == nil }) {
      throw ValidationError("Name the folder to serve: channel-server DIR, or --mount /PATH=DIR.")
    }
    var all: [Mount] = []
    for mount in mounts {
      let path = String(mount.prefix { $0 != "=" })
      if let root = Self.folder(of: mount) ?? directory { all.append(Mount(path, root: root)) }
    }
    if let directory, mounts.allSatisfy({ Self.folder(of: $0) != nil }) {
      all.insert(Mount(root: directory), at: 0)
    }
    return all.map { mount in
      var mount = mount
      let name = FilePath(mount.path).lastComponent?.string ?? ""
      mount.listingDecorator =
        PackageListing(root: FilePath(mount.root), rootName: name).decorator
      return mount
    }
  }
}
