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

  /// The entries in the order of the documents.
  var entries: [Entry] = []

  init() {}
}

/// What the documents need of one package, in the bytes in which they publish it.
struct PublishedPackage: Sendable {
  var name: ArraySlice<UInt8>
  /// The record's canonical JSON.
  var record: ArraySlice<UInt8>
}

// MARK: The file

extension Ledger {
  private static let magic = Array("conda-channel ledger 1\n".utf8)

  /// The ledger's file, closed with a digest so that damage never goes unnoticed.
  var bytes: [UInt8] {
    var writer = BinaryWriter()
    writer.append(Self.magic)
    for entry in entries {
      writer.write(entry.archive.fileName.utf8)
      writer.write(UInt64(entry.version.size))
      writer.write(entry.version.seconds)
      writer.write(entry.version.nanoseconds)
      writer.write(entry.version.inode)
      writer.write(entry.appearance?.sha256.bytes ?? [])
      writer.write(Int64(entry.appearance?.milliseconds ?? 0))
      switch entry.state {
      case .published(let package):
        writer.write(UInt8(1))
        writer.write(package.name)
        writer.write(package.record)
      case .quarantined(let code, let reason):
        writer.write(UInt8(2))
        writer.write(code.utf8)
        writer.write(reason.utf8)
      case .gone:
        writer.write(UInt8(3))
      }
    }
    writer.append(Digest.sha256(of: writer.bytes).bytes)
    return writer.bytes
  }

  /// The ledger in a file's bytes; nil when they are damaged or from another version.
  init?(bytes: [UInt8]) {
    let end = bytes.count - 32
    guard end >= Self.magic.count, bytes.starts(with: Self.magic),
      Digest.sha256(of: bytes[..<end]).bytes.elementsEqual(bytes[end...])
    else { return nil }
    var reader = BinaryReader(bytes, from: Self.magic.count, to: end)
    do throws(BinaryReader.Truncated) {
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
    version = FileVersion(
      size: Int(clamping: try reader.number(UInt64.self)), seconds: try reader.number(),
      nanoseconds: try reader.number(), inode: try reader.number())
    let digest = Digest(bytes: Array(try reader.string()))
    let milliseconds = Int(try reader.number(Int64.self))
    appearance =
      digest.bytes.isEmpty ? nil : .init(sha256: digest, milliseconds: milliseconds)
    switch try reader.number(UInt8.self) {
    case 1:
      state = .published(
        PublishedPackage(name: try reader.string(), record: try reader.string()))
    case 2:
      let code = String(decoding: try reader.string(), as: UTF8.self)
      state = .quarantined(
        code: code, reason: String(decoding: try reader.string(), as: UTF8.self))
    case 3: state = .gone
    default: return nil
    }
  }
}

extension Ledger {
  /// The packages that the documents list, in their order.
  var published: [(ArchiveName, PublishedPackage)] {
    entries.compactMap { entry in
      guard case .published(let package) = entry.state else { return nil }
      return (entry.archive, package)
    }
  }
}
