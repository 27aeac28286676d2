import ChannelCore
import ChannelSystem
import Support
import SystemPackage
import Testing

/// A channel in a directory of its own, to be filled, indexed and looked into.
struct TestChannel {
  let directory: TemporaryDirectory

  var root: FilePath { directory("channel") }
  var layout: ChannelLayout { ChannelLayout(root: root) }

  init() throws {
    directory = try TemporaryDirectory()
    try directory("channel").createDirectories()
  }

  /// A file of the channel, by its path below the root.
  func callAsFunction(_ relative: String) -> FilePath {
    root.appending(FilePath(relative).components)
  }

  /// Adds a package, as a `.conda` in `noarch` unless told otherwise, and returns its file.
  @discardableResult
  func add(
    _ blueprint: PackageBlueprint, _ format: ArchiveName.Format = .conda, to subdir: String? = nil
  ) throws -> FilePath {
    var blueprint = blueprint
    if let subdir, Platform(subdir) != nil { blueprint.subdir = subdir }
    let file = self("\(subdir ?? blueprint.subdir)/\(blueprint.stem + format.rawValue)")
    try file.write(format == .conda ? try blueprint.conda() : try blueprint.tarBz2())
    return file
  }

  /// Indexes the channel at a given time, in milliseconds since 1970.
  @discardableResult
  func index(
    now: Int = 1_000, threads: Int = 2, subdirs: [Platform]? = nil
  ) throws(ChannelError) -> IndexReport {
    var options = IndexOptions()
    options.threads = threads
    options.subdirs = subdirs
    options.lockTimeout = 30
    var indexer = ChannelIndexer(channel: root, options: options)
    indexer.now = { now }
    return try indexer.run()
  }

  /// The published index of a subdir.
  func repodata(_ subdir: String = "noarch") throws -> JSONObject {
    try #require(
      try JSONReader.value(in: self("\(subdir)/repodata.json").readBytes()).object)
  }

  /// The record published for a file.
  func record(_ name: String, in subdir: String = "noarch") throws -> JSONObject? {
    let map = name.hasSuffix(".conda") ? "packages.conda" : "packages"
    return try repodata(subdir)[map]?.object?[name]?.object
  }

  /// The file names that the published index of a subdir lists, sorted.
  func names(in subdir: String = "noarch") throws -> [String] {
    let repodata = try repodata(subdir)
    return ["packages", "packages.conda"].flatMap { map in
      repodata[map]?.object?.members.map(\.name) ?? []
    }.sorted()
  }

  /// When the index says that a package first appeared.
  func appearance(of name: String) throws -> Int? {
    try record(name)?["indexed_timestamp"]?.integer
  }

  /// What every file of the channel is and holds, by its path; the lock's holder apart.
  func snapshot(withStatus: Bool = true) throws -> [String: FileState] {
    var files: [String: FileState] = [:]
    try collect(root, prefix: "", withStatus: withStatus, into: &files)
    files[".channel/lock"] = nil
    return files
  }

  struct FileState: Hashable {
    var bytes: [UInt8]
    var status: FileStatus?
  }

  private func collect(
    _ directory: FilePath, prefix: String, withStatus: Bool, into files: inout [String: FileState]
  ) throws {
    for name in try directory.entryNames() {
      let path = directory.appending(name)
      let status = try FileStatus(of: path, followingLinks: false)
      switch status.kind {
      case .directory:
        try collect(path, prefix: "\(prefix)\(name)/", withStatus: withStatus, into: &files)
      case .regular:
        files[prefix + name] = FileState(
          bytes: try path.readBytes(), status: withStatus ? status : nil)
      default: files[prefix + name] = FileState(bytes: [], status: withStatus ? status : nil)
      }
    }
  }
}
