internal import ChannelCore
internal import ChannelSystem
internal import SystemPackage

/// Which names of packages are for whom, so that nobody takes a name that a channel has reserved.
///
/// They stand in `.channel-owners.conf` in the channel's root, one `pattern = owner owner …` a line;
/// `*` stands for any text. The first line whose pattern fits decides: only the owners it names may
/// publish, and nobody when it names none. A name that no line fits is for whoever may publish.
struct NameOwners: Sendable {
  static let fileName = ".channel-owners.conf"

  private var lines: [(pattern: Wildcard, owners: [Substring])] = []

  /// Reads a channel's file; a channel without one reserves nothing.
  ///
  /// - Throws: `SiteError` when the file cannot be read or understood: what was reserved must not
  ///   become free because of a slip.
  init(of layout: ChannelLayout) throws(SiteError) {
    let path = layout.root.appending(Self.fileName)
    let contents: [UInt8]?
    do throws(Errno) {
      contents = try Descriptor.contents(of: path)
    } catch {
      throw SiteError(path, "cannot be read: \(error)")
    }
    let text = String(decoding: contents ?? [], as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in text.enumerated() {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
      guard !words.isEmpty else { continue }
      guard words.count >= 2, words[1] == "=", !words[0].contains("=") else {
        throw SiteError(path, "line \(index + 1) is not pattern = owner owner …")
      }
      lines.append((Wildcard(words[0].lowercased()), Array(words[2...])))
    }
  }

  /// Whether the name of a package is one that `publisher` may use.
  func allow(_ name: some StringProtocol, to publisher: String) -> Bool {
    let name = name.lowercased()
    guard let line = lines.first(where: { $0.pattern.matches(name) }) else { return true }
    return line.owners.contains { $0 == publisher }
  }
}
