internal import ChannelSystem
internal import SystemPackage

/// What is known of every package of a subdir, so that a run reads only what changed.
///
/// A cache with one durable fact: when each package first appeared in the index (CEP 47). All else
/// can be had again from the packages. It lives in one file that is replaced whole, so that it works
/// wherever a channel can lie, network file systems included.
struct Ledger: Sendable {
  /// One package file.
  struct Entry: Sendable {
    var archive: ArchiveName
    /// The file that was read, or the last one under a name that is gone.
    var version: FileVersion
    var state: State
    /// When these very bytes first appeared in the index; nil as long as they never have.
    var appearance: Appearance?
  }

  /// When a package first appeared in the index.
  struct Appearance: Sendable, Hashable {
    var sha256: Digest
    /// Milliseconds since 1970.
    var milliseconds: Int
  }

  enum State: Sendable {
    case published(PublishedPackage)
    case quarantined(code: String, reason: String)
    /// The file is no longer there. Its appearance is kept, in case it comes back.
    case gone
  }

  /// The rules by which the packages were judged; under other rules they are judged anew.
  let rules: String
  /// The entries in the order of the documents.
  var entries: [Entry] = []

  init(rules: String) {
    self.rules = rules
  }
}

/// What the documents need of one package, in the bytes in which they publish it.
struct PublishedPackage: Sendable {
  var name: ArraySlice<UInt8>
  var revision: PackageRecord.Revision
  /// The record's canonical JSON.
  var record: ArraySlice<UInt8>
  /// The run exports' canonical JSON.
  var runExports: ArraySlice<UInt8>
  /// The canonical JSON of what channeldata lists of the package.
  var about: ArraySlice<UInt8>
  /// What the package's checks found that did not keep it out, a line each.
  var warnings: [String]
}

// MARK: The file

extension Ledger {
  private static let magic = Array("conda-channel ledger 1\n".utf8)

  /// The ledger's file, closed with a digest so that damage never goes unnoticed.
  var bytes: [UInt8] {
    var writer = BinaryWriter()
    writer.append(Self.magic)
    writer.write(rules.utf8)
    for entry in entries {
      writer.write(entry.archive.fileName.utf8)
      entry.version.write(to: &writer)
      writer.write(entry.appearance?.sha256.bytes ?? [])
      writer.write(Int64(entry.appearance?.milliseconds ?? 0))
      switch entry.state {
      case .published(let package):
        writer.write(UInt8(1))
        writer.write(package.name)
        writer.write(package.revision.rawValue)
        writer.write(package.record)
        writer.write(package.runExports)
        writer.write(package.about)
        writer.write(package.warnings.joined(separator: "\n").utf8)
      case .quarantined(let code, let reason):
        writer.write(UInt8(2))
        writer.write(code.utf8)
        writer.write(reason.utf8)
      case .gone:
        writer.write(UInt8(3))
      }
    }
    writer.seal()
    return writer.bytes
  }

  /// The digest that closes a ledger's file, by which other files name it.
  static func digest(of bytes: [UInt8]) -> Digest {
    Digest(bytes: Array(bytes.suffix(32)))
  }

  /// The ledger in a file's bytes; nil when they are damaged or from another version.
  init?(bytes: [UInt8]) {
    guard var reader = BinaryReader(sealed: bytes, magic: Self.magic) else { return nil }
    do throws(BinaryReader.Truncated) {
      rules = String(decoding: try reader.string(), as: UTF8.self)
      while !reader.isAtEnd {
        guard let entry = try Entry(from: &reader) else { return nil }
        entries.append(entry)
      }
    } catch {
      return nil
    }
  }
}

extension Ledger.Entry {
  fileprivate init?(from reader: inout BinaryReader) throws(BinaryReader.Truncated) {
    guard let archive = ArchiveName(String(decoding: try reader.string(), as: UTF8.self))
    else { return nil }
    self.archive = archive
    version = try FileVersion(reading: &reader)
    let digest = Digest(bytes: Array(try reader.string()))
    let milliseconds = Int(try reader.number(Int64.self))
    appearance =
      digest.bytes.isEmpty ? nil : .init(sha256: digest, milliseconds: milliseconds)
    switch try reader.number(UInt8.self) {
    case 1:
      guard let package = try PublishedPackage(from: &reader) else { return nil }
      state = .published(package)
    case 2:
      let code = String(decoding: try reader.string(), as: UTF8.self)
      state = .quarantined(
        code: code, reason: String(decoding: try reader.string(), as: UTF8.self))
    case 3: state = .gone
    default: return nil
    }
  }
}

extension PublishedPackage {
  fileprivate init?(from reader: inout BinaryReader) throws(BinaryReader.Truncated) {
    name = try reader.string()
    guard let revision = PackageRecord.Revision(rawValue: try reader.number()) else { return nil }
    self.revision = revision
    record = try reader.string()
    runExports = try reader.string()
    about = try reader.string()
    warnings = String(decoding: try reader.string(), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }
}

extension Ledger {
  /// What is known of a file; nil for other names.
  private func entry(_ archive: ArchiveName) -> Entry? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].archive < archive { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].archive == archive ? entries[low] : nil
  }

  /// What is known of a package that lies there and is fit to be listed; nil for other names.
  func package(_ archive: ArchiveName) -> PublishedPackage? {
    guard let entry = entry(archive), case .published(let package) = entry.state,
      entry.appearance != nil
    else { return nil }
    return package
  }

  /// The digest of a package that lies there and is fit to be listed; nil for other names.
  func sha256(of archive: ArchiveName) -> Digest? {
    guard let entry = entry(archive), case .published = entry.state else { return nil }
    return entry.appearance?.sha256
  }

  /// Which file was read under a name; nil for other names.
  func version(of archive: ArchiveName) -> FileVersion? { entry(archive)?.version }

  /// The packages that the documents list, in their order.
  var published: [ListedPackage] {
    entries.compactMap { entry in
      guard case .published(let package) = entry.state, let appearance = entry.appearance
      else { return nil }
      return ListedPackage(
        archive: entry.archive, package: package, appeared: appearance.milliseconds)
    }
  }
}
