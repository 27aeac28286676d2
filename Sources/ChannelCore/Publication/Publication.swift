internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// Brings a subdir's documents out together: all are written and durable before the first is shown.
struct Publication {
  /// One document and where it belongs.
  struct Document {
    var path: FilePath
    var bytes: [UInt8]
  }

  /// Replaces those of `documents` whose bytes differ from what stands there, in the order given,
  /// and returns the paths of those it replaced.
  ///
  /// A reader meets the old document or the new one at any moment, and so does whoever comes after
  /// a crash.
  static func publish(
    _ documents: [Document], in directory: FilePath
  ) throws(ChannelError) -> [FilePath] {
    let changed = documents.filter { !isCurrent($0) }
    guard !changed.isEmpty else { return [] }
    var staged: [StagedDocument] = []
    for document in changed {
      do throws(Errno) {
        staged.append(try StagedDocument(document))
      } catch {
        throw ChannelError(document.path, "cannot be written: \(error)")
      }
    }
    for (document, file) in zip(changed, staged) {
      do throws(Errno) {
        try file.show()
      } catch {
        throw ChannelError(document.path, "cannot be replaced: \(error)")
      }
    }
    do throws(Errno) {
      try AtomicFile.synchronizeDirectory(directory)
    } catch {
      throw ChannelError(directory, "cannot be made durable: \(error)")
    }
    return changed.map(\.path)
  }

  /// Whether the document stands there already, byte for byte: then its file, its times and a
  /// server's entity tag for it stay.
  private static func isCurrent(_ document: Document) -> Bool {
    guard let file = try? MappedFile(document.path), file.count == document.bytes.count
    else { return false }
    return file.withBytes { standing in
      document.bytes.withUnsafeBytes { wanted in
        guard let left = standing.baseAddress, let right = wanted.baseAddress else { return true }
        return memcmp(left, right, wanted.count) == 0
      }
    }
  }
}

/// A written file that waits to be shown, kept where only copyable values can be.
private final class StagedDocument {
  private var file: AtomicFile?

  init(_ document: Publication.Document) throws(Errno) {
    let file = try AtomicFile(replacing: document.path)
    try file.write(document.bytes)
    try file.synchronize()
    self.file = consume file
  }

  func show() throws(Errno) {
    try file.take()?.rename()
  }
}
