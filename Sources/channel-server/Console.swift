import SystemPackage

/// What the command tells whoever runs it.
enum Console {
  /// Writes a line to standard error.
  static func say(_ line: String) {
    _ = try? FileDescriptor.standardError.writeAll("channel-server: \(line)\n".utf8)
  }
}
