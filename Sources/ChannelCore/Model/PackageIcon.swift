/// The picture that a package can bring for pages, `info/icon.png`.
enum PackageIcon {
  /// Under which name an icon's digest stands among what is known about a package.
  static let hashField = "icon_hash"

  private static let algorithm = "sha256:"

  /// Whether a file begins as every PNG does: what pages show is no place for anything else.
  static func isPNG(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
  }

  static func hash(_ sha256: Digest) -> String { "\(algorithm)\(sha256)" }

  /// The digest that `hash` spells; nil when it spells none.
  static func digest(of hash: String) -> Digest? {
    guard hash.hasPrefix(algorithm) else { return nil }
    return Digest(hexadecimal: String(hash.dropFirst(algorithm.count)))
  }

  /// Where the icon is published, below the channel's root: under a name that only these bytes have.
  static func path(_ sha256: Digest) -> String { "icons/\(sha256).png" }
}
