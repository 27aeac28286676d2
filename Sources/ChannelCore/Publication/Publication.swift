internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// Brings files out together: all are written and durable before the first is shown.
struct Publication: Sendable {
  /// One file and where it belongs.
  struct Document: Sendable {
    var path: FilePath
    var bytes: [UInt8]
  }

  /// From this many files on, one call that makes a whole file system durable is the cheaper way.
  private static let manyFiles = 24

  /// Told of every change that a reader could see, right after it was made.
  var observer: @Sendable (FilePath) -> Void = { _ in }

  /// Replaces those of `documents` whose bytes differ from what stands there.
  ///
  /// All belong into `directory`, and are shown in the order given; the paths of those that were
  /// replaced are returned. A reader meets the old document or the new one at any moment, and so does whoever comes after
  /// a crash.
  @discardableResult
  func publish(
    _ documents: [Document], in directory: FilePath
  ) throws(ChannelError) -> [FilePath] {
    var changed: [Document] = []
    for document in documents where try !Self.isCurrent(document) { changed.append(document) }
    guard !changed.isEmpty else { return [] }
    let isMany = changed.count >= Self.manyFiles
    // Written in the opposite order: a server that answers a document from its compressed sibling
    // trusts one that is no older.
    var staged: [StagedDocument] = []
    for document in changed.reversed() {
      do throws(Errno) {
        staged.append(try StagedDocument(document, synchronizing: !isMany))
      } catch {
        throw ChannelError(document.path, "cannot be written: \(error)")
      }
    }
    do throws(Errno) {
      if isMany { try AtomicFile.synchronizeFileSystem(of: directory) }
      observer(directory)
      for (document, file) in zip(changed, staged.reversed()) {
        try file.show()
        observer(document.path)
      }
      try AtomicFile.synchronizeDirectory(directory)
    } catch {
      throw ChannelError(directory, "cannot be written to: \(error)")
    }
    return changed.map(\.path)
  }

  /// Removes a file that an earlier run made and that is wanted no more; false when it stays.
  func remove(_ path: FilePath) -> Bool {
    defer { observer(path) }
    return AtomicFile.remove(path)
  }

  /// Whether the document stands there already, byte for byte: then its file, its times and a
  /// server's entity tag for it stay.
  private static func isCurrent(_ document: Document) throws(ChannelError) -> Bool {
    guard let file = try standing(document.path), let size = try? FileStatus(of: file.raw).size,
      size == document.bytes.count
    else { return false }
    // Not mapped: another tool might cut the file short meanwhile.
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { piece.deallocate() }
    return document.bytes.withUnsafeBytes { wanted in
      var offset = 0
      while offset < wanted.count {
        guard let count = try? file.read(into: piece, at: offset), count > 0,
          count <= wanted.count - offset, let standing = piece.baseAddress,
          let bytes = wanted.baseAddress, memcmp(standing, bytes + offset, count) == 0
        else { return false }
        offset += count
      }
      return true
    }
  }

  /// The file at `path`; nil when there is none that can be read.
  private static func standing(_ path: FilePath) throws(ChannelError) -> Descriptor? {
    do throws(Errno) {
      let file = try Descriptor(opening: path, options: .nonBlocking)
      if try FileStatus(of: file.raw).kind != .directory { return file }
    } catch {
      if error == .noSuchFileOrDirectory { return nil }
    }
    // Found out now, none is replaced; found out at the rename, some would be.
    guard (try? FileStatus(of: path, followingLinks: false).kind) != .directory else {
      throw ChannelError(path, "cannot be written: a directory of that name is in the way")
    }
    return nil
  }
}

/// A written file that waits to be shown, kept where only copyable values can be.
private final class StagedDocument {
  private var file: AtomicFile?

  init(_ document: Publication.Document, synchronizing: Bool) throws(Errno) {
    file = try AtomicFile(
      replacing: document.path, with: document.bytes, synchronizing: synchronizing)
  }

  func show() throws(Errno) {
    try file.take()?.rename()
  }
}
