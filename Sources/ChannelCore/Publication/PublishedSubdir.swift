internal import ChannelSystem
internal import SystemPackage

/// What a subdir's index says of the package files beside it, as clients see it.
///
/// It is read from `repodata.json` (CEP 36), so it is right for any channel, whatever made its index.
public struct PublishedSubdir: Sendable {
  /// A package that the index lists.
  public struct Package: Sendable, Hashable {
    /// The name of the package.
    public var name = ""
    /// Its version as it is spelled.
    public var version = ""
    /// Its build string.
    public var build = ""
    /// The build number.
    public var buildNumber = 0
    /// The SHA-256 of the file in hexadecimal; empty when the index does not say.
    public var sha256 = ""
    /// The size of the file in bytes; nil when the index does not say.
    public var size: Int?

    /// Creates a package of which nothing is known.
    public init() {}
  }

  /// The packages that the index lists, by file name.
  public private(set) var packages: [String: Package] = [:]
  /// Package files that the index leaves out, and why as far as this tool knows.
  public private(set) var leftOut: [String: Reason] = [:]

  /// Why the index leaves out a file that is there.
  public enum Reason: Sendable, Hashable {
    /// An operator took it out of the index, for a reason in the operator's words.
    case yanked(String)
    /// Instructions for the index remove it.
    case removed
    /// It was refused, for a reason in one line.
    case refused(String)
  }

  /// Reads the index of `subdir`.
  ///
  /// - Throws: ``ChannelError`` when there is no index or it cannot be understood.
  public init(_ subdir: Platform, of layout: ChannelLayout) throws(ChannelError) {
    try Self.readIndex(of: subdir, in: layout) { (contents) throws(JSONError) in
      try read(contents)
    }
    noteRefusals(subdir, layout)
    noteYanks(subdir, layout)
  }

  /// Hands the index of `subdir` to whoever understands it, and names it in the error when that fails.
  static func readIndex(
    of subdir: Platform, in layout: ChannelLayout,
    _ read: ([UInt8]) throws(JSONError) -> Void
  ) throws(ChannelError) {
    let path = layout.document(.repodata, in: subdir)
    let contents: [UInt8]?
    do throws(Errno) {
      contents = try Descriptor.contents(of: path)
    } catch {
      throw ChannelError(path, "cannot be read: \(error)")
    }
    guard let contents else { throw ChannelError(path, "there is no index") }
    do throws(JSONError) {
      try read(contents)
    } catch {
      throw ChannelError(path, "cannot be understood: \(error)")
    }
  }

  private mutating func read(_ repodata: [UInt8]) throws(JSONError) {
    let index = try PublishedIndex(repodata: repodata)
    packages.reserveCapacity(index.records.count)
    for (archive, record) in index.records { packages[archive.fileName] = try Package(record) }
    for name in index.removed { leftOut[name] = .removed }
  }

  private mutating func noteRefusals(_ subdir: Platform, _ layout: ChannelLayout) {
    guard let bytes = try? Descriptor.contents(of: layout.ledger(of: subdir)),
      let ledger = Ledger(bytes: bytes)
    else { return }
    for entry in ledger.entries {
      guard case .quarantined(_, let reason) = entry.state else { continue }
      leftOut[entry.archive.fileName] = .refused(reason)
    }
  }

  private mutating func noteYanks(_ subdir: Platform, _ layout: ChannelLayout) {
    guard let yanks = try? YankList(of: layout) else { return }
    for (location, yank) in yanks.packages where location.subdir == subdir {
      let file = location.archive.fileName
      if packages[file] == nil { leftOut[file] = .yanked(yank.reason) }
    }
  }
}

extension PublishedSubdir.Package {
  /// Reads a record as it stands in the index.
  fileprivate init(_ record: ArraySlice<UInt8>) throws(JSONError) {
    var reader = JSONReader(Array(record))
    try reader.forEachMember { (field, reader) throws(JSONError) in
      switch field {
      case "name": name = try reader.value().string ?? ""
      case "version": version = try reader.value().string ?? ""
      case "build": build = try reader.value().string ?? ""
      case "build_number": buildNumber = try reader.value().integer ?? 0
      case "sha256": sha256 = try reader.value().string ?? ""
      case "size": size = try reader.value().integer
      default: try reader.skipValue()
      }
    }
  }
}
