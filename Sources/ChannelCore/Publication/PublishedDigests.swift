internal import ChannelSystem
internal import SystemPackage

/// Which digests a subdir's index names, for whoever has many files to compare and little memory.
///
/// It is read from `repodata.json` (CEP 36) and takes some 30 bytes a package.
public struct PublishedDigests: Sendable {
  /// The first 64 bits of each SHA-256, by a hash of the file's name: enough to tell any two apart
  /// that were not made to be taken for one another.
  private var digests: [Int: UInt64] = [:]
  private let version: FileVersion

  /// When the index was written last, in seconds since 1970.
  public var modified: Double { Double(version.seconds) + Double(version.nanoseconds) / 1e9 }

  /// How many packages the index lists.
  public private(set) var count = 0

  /// Reads the index of `subdir`.
  ///
  /// - Throws: ``ChannelError`` when there is no index or it cannot be understood.
  public init(_ subdir: Platform, of layout: ChannelLayout) throws(ChannelError) {
    let path = layout.document(.repodata, in: subdir)
    do throws(Errno) {
      // Before the index: one that is replaced meanwhile is read once more, not taken for current.
      version = FileVersion(try FileStatus(of: path))
    } catch {
      throw ChannelError(path, "cannot be read: \(error)")
    }
    try PublishedSubdir.readIndex(of: subdir, in: layout) { (contents) throws(JSONError) in
      try read(contents)
    }
  }

  /// Whether the index is still the one that was read.
  public func isCurrent(_ subdir: Platform, of layout: ChannelLayout) -> Bool {
    (try? FileStatus(of: layout.document(.repodata, in: subdir))).map(FileVersion.init) == version
  }

  /// What the index says of a digest.
  public enum Verdict: Sendable, Hashable {
    /// The index names the same.
    case same
    /// The index names another, which begins with these hexadecimal digits.
    case other(String)
    /// The index lists no such file, or not its digest.
    case unknown
  }

  /// Compares the SHA-256 that somebody expects of a file with what the index says; nil when it is
  /// not 64 hexadecimal digits.
  public func compare(_ sha256: some Collection<UInt8>, of file: String) -> Verdict? {
    guard let expected = Self.prefix(ofDigest: sha256) else { return nil }
    guard let listed = digests[file.hashValue] else { return .unknown }
    guard listed != expected else { return .same }
    let digits = String(listed, radix: 16)
    return .other(String(repeating: "0", count: 16 - digits.count) + digits)
  }

  private static func prefix(ofDigest text: some Collection<UInt8>) -> UInt64? {
    guard text.count == 64 else { return nil }
    var value: UInt64 = 0
    for (index, byte) in text.enumerated() {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        return nil
      }
      if index < 16 { value = value << 4 | UInt64(digit) }
    }
    return value
  }

  private mutating func read(_ repodata: [UInt8]) throws(JSONError) {
    var reader = JSONReader(repodata)
    var digests: [Int: UInt64] = [:]
    var count = 0
    func readPackages(_ reader: inout JSONReader, ending: String) throws(JSONError) {
      try reader.forEachMember { (file, reader) throws(JSONError) in
        count += 1
        try reader.forEachMember { (name, reader) throws(JSONError) in
          guard name == "sha256" else { return try reader.skipValue() }
          guard let text = try reader.value().string else { return }
          digests[(file + ending).hashValue] = Self.prefix(ofDigest: text.utf8)
        }
      }
    }
    try reader.forEachMember { (name, reader) throws(JSONError) in
      switch name {
      case "packages", "packages.conda":
        try readPackages(&reader, ending: "")
      case "v3":
        try reader.forEachMember { (ending, reader) throws(JSONError) in
          try readPackages(&reader, ending: ".\(ending)")
        }
      default: try reader.skipValue()
      }
    }
    try reader.end()
    self.digests = digests
    self.count = count
  }
}
