/// The syntax of names and of what file names are made from (CEP 26).
public enum PackageName {
  /// The longest package name, version and build string, in bytes each.
  public static let lengthLimit = 64
  /// The longest file name of a package, in bytes.
  public static let fileNameLengthLimit = 211

  /// Whether `name` is a package's name: lower-case letters and digits in groups, separated by
  /// single dots, hyphens or underscores, at most 64 bytes.
  public static func isValid(_ name: some StringProtocol) -> Bool {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, bytes.count <= lengthLimit else { return false }
    guard isAlphanumeric(first) || first == UInt8(ascii: "_") else { return false }
    var position = 1
    if position < bytes.count, isSeparator(bytes[position]) {
      // The one doubled separator that the grammar's head would let pass is excluded by name.
      if first == UInt8(ascii: "_"), bytes[position] == first { return false }
      position += 1
    }
    while position < bytes.count {
      guard isAlphanumeric(bytes[position]) else { return false }
      while position < bytes.count, isAlphanumeric(bytes[position]) { position += 1 }
      if position < bytes.count {
        guard isSeparator(bytes[position]) else { return false }
        position += 1
      }
    }
    return true
  }

  /// Whether `build` is a build string: letters, digits, dots, underscores and pluses.
  public static func isValidBuild(_ build: some StringProtocol) -> Bool {
    let others = Array("_.+".utf8)
    return !build.isEmpty && build.utf8.count <= lengthLimit
      && build.utf8.allSatisfy { isAlphanumeric($0 | 0x20) && $0 < 0x80 || others.contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}
