internal import ChannelSystem
package import SystemPackage

// What tests do to the files in a directory, by the files' names in it.
extension TemporaryDirectory {
  /// Writes a file in place, making the directories that lead to it.
  package func write(_ text: String, to name: String) throws(Errno) {
    try path.appending(name).write(text)
  }

  package func write(_ bytes: [UInt8], to name: String) throws(Errno) {
    try path.appending(name).write(bytes)
  }

  /// Writes a file whose name need be no text.
  package func write(_ bytes: [UInt8], toBytes name: [UInt8]) throws(Errno) {
    try path.appendingRaw(name).write(bytes)
  }

  /// Puts a new file in the place of `name`, as careful tools do.
  package func replace(_ name: String, with text: String) throws(Errno) {
    try AtomicFile(replacing: path.appending(name), with: Array(text.utf8)).rename()
  }

  package func makeFolder(_ name: String) throws(Errno) {
    try path.appending(name).createDirectories()
  }

  package func link(_ name: String, to target: String) throws(Errno) {
    try path.appending(name).createSymbolicLink(to: FilePath(target))
  }

  package func makePipe(_ name: String) throws(Errno) {
    try path.appending(name).createPipe()
  }

  /// Cuts or stretches a file in place.
  package func resize(_ name: String, to size: Int) throws(Errno) {
    try path.appending(name).resize(to: size)
  }

  package func remove(_ name: String) {
    try? path.appending(name).removeRecursively()
  }

  package func rename(_ name: String, to other: String) throws(Errno) {
    try path.appending(name).rename(to: path.appending(other))
  }

  /// Sets the time of a file's last change.
  package func setModified(_ name: String, seconds: Int, nanoseconds: Int = 0) throws(Errno) {
    try path.appending(name).setModificationTime(seconds: seconds, nanoseconds: nanoseconds)
  }
}
