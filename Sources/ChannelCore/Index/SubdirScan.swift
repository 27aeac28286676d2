internal import ChannelSystem
internal import SystemPackage

/// The package files that lie in a subdir's directory now.
struct SubdirScan {
  /// One file with a package's name.
  struct File: Sendable {
    var archive: ArchiveName
    var version: FileVersion
  }

  /// The files in the order of the documents.
  var files: [File] = []
  /// Names of temporary files that a run left behind when it was cut off.
  var leftovers: [String] = []

  /// Lists `directory`.
  ///
  /// Files that vanish meanwhile are left out; links are followed; directories, pipes and the like
  /// under a package's name are listed, so that reading them names the fault.
  init(of directory: FilePath) throws(ChannelError) {
    do throws(Errno) {
      var entries = try DirectoryEntries(of: directory)
      while let entry = try entries.next() {
        let text = entry.text
        if text.hasPrefix(AtomicFile.temporaryPrefix) { leftovers.append(text) }
        guard let archive = ArchiveName(text) else { continue }
        // What a dangling link leads to cannot be looked at, but the link itself can.
        let status =
          (try? entries.status(of: entry))
          ?? (try? entries.status(of: entry, followingLinks: false))
        guard let status else { continue }
        files.append(File(archive: archive, version: FileVersion(status)))
      }
    } catch {
      throw ChannelError(directory, "cannot be listed: \(error)")
    }
    files.sort { $0.archive < $1.archive }
  }
}

/// Which version of a file is meant, without looking into it.
struct FileVersion: Sendable, Hashable {
  var size: Int
  var seconds: Int64
  var nanoseconds: UInt32
  var inode: UInt64

  init(_ status: FileStatus) {
    size = status.size
    seconds = status.modified.seconds
    nanoseconds = status.modified.nanoseconds
    inode = status.inode
  }

  init(size: Int, seconds: Int64, nanoseconds: UInt32, inode: UInt64) {
    self.size = size
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.inode = inode
  }
}
