internal import ChannelSystem

/// Which version of a file is meant, without looking into it.
struct FileVersion: Sendable, Hashable {
  /// In bytes.
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

  /// When the file was last written to, in milliseconds since 1970.
  ///
  /// File systems hold times beyond any that can be counted so; they stand for the ends of time.
  var milliseconds: Int {
    let bound: Int64 = 1 << 50
    return Int(max(-bound, min(bound, seconds))) * 1000 + Int(nanoseconds) / 1_000_000
  }

  init(reading reader: inout BinaryReader) throws(BinaryReader.Truncated) {
    size = Int(clamping: try reader.number(UInt64.self))
    seconds = try reader.number()
    nanoseconds = try reader.number()
    inode = try reader.number()
  }

  func write(to writer: inout BinaryWriter) {
    writer.write(UInt64(size))
    writer.write(seconds)
    writer.write(nanoseconds)
    writer.write(inode)
  }
}
