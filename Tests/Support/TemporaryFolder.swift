import ChannelSystem
import Glibc
package import SystemPackage

/// A new folder that goes away, with all it holds, at the end of its life.
package final class TemporaryFolder: Sendable {
  package let path: FilePath

  package init() throws(Errno) {
    var template = Array("/tmp/channel-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = FilePath(platformString: template)
  }

  deinit {
    Self.remove(path)
  }

  private static func remove(_ path: FilePath) {
    let isDirectory = (try? FileStatus(of: path, followingLinks: false))?.kind == .directory
    if isDirectory, var entries = try? DirectoryEntries(of: path) {
      while let entry = try? entries.next() { remove(path.appending(bytes: entry.name)) }
      _ = path.withCPath { rmdir($0) }
    } else {
      _ = path.withCPath { unlink($0) }
    }
  }

  /// Writes a file in place, making the folders that lead to it.
  package func write(_ text: String, to name: String) throws(Errno) {
    try write(Array(text.utf8), to: name)
  }

  package func write(_ bytes: [UInt8], to name: String) throws(Errno) {
    let target = path.appending(name)
    try Self.makeFolder(target.removingLastComponent())
    try Descriptor(opening: target, .writeOnly, options: [.create, .truncate]).writeAll(bytes)
  }

  /// Writes a file whose name need be no text.
  package func write(_ bytes: [UInt8], toBytes name: [UInt8]) throws(Errno) {
    try Descriptor(opening: path.appending(bytes: name), .writeOnly, options: [.create, .truncate])
      .writeAll(bytes)
  }

  /// Puts a new file in the place of `name`, as careful tools do.
  package func replace(_ name: String, with text: String) throws(Errno) {
    try AtomicFile(replacing: path.appending(name), with: Array(text.utf8)).rename()
  }

  package func makeFolder(_ name: String) throws(Errno) {
    try Self.makeFolder(path.appending(name))
  }

  private static func makeFolder(_ path: FilePath) throws(Errno) {
    guard (try? FileStatus(of: path)) == nil else { return }
    try makeFolder(path.removingLastComponent())
    _ = try path.withCPath { (name) throws(Errno) in try systemCall { mkdir(name, 0o755) } }
  }

  package func link(_ name: String, to target: String) throws(Errno) {
    _ = try path.appending(name).withCPath { (name) throws(Errno) in
      try systemCall { symlink(target, name) }
    }
  }

  package func makePipe(_ name: String) throws(Errno) {
    _ = try path.appending(name).withCPath { (name) throws(Errno) in
      try systemCall { mkfifo(name, 0o644) }
    }
  }

  /// Cuts or stretches a file in place.
  package func resize(_ name: String, to size: Int) throws(Errno) {
    _ = try path.appending(name).withCPath { (name) throws(Errno) in
      try systemCall { truncate(name, size) }
    }
  }

  package func remove(_ name: String) {
    Self.remove(path.appending(name))
  }

  package func rename(_ name: String, to other: String) throws(Errno) {
    try path.appending(name).withCPath { (from) throws(Errno) in
      _ = try path.appending(other).withCPath { (to) throws(Errno) in
        try systemCall { Glibc.rename(from, to) }
      }
    }
  }

  /// Sets the time of a file's last change.
  package func setModified(_ name: String, seconds: Int, nanoseconds: Int = 0) throws(Errno) {
    let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
    let times = [time, time]
    _ = try path.appending(name).withCPath { (name) throws(Errno) in
      try systemCall { utimensat(AT_FDCWD, name, times, 0) }
    }
  }
}

extension FilePath {
  /// The path with a component that need be no text.
  package func appending(bytes name: [UInt8]) -> FilePath {
    withPlatformString { start in
      let prefix = UnsafeBufferPointer(start: start, count: strlen(start))
      let whole = Array(prefix) + [0x2F] + name.map { CChar(bitPattern: $0) } + [0]
      return FilePath(platformString: whole)
    }
  }
}
