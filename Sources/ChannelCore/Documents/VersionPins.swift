public import SystemPackage

/// Versions that `current_repodata.json` keeps beside the newest ones.
public struct VersionPins: Sendable, Hashable {
  /// The versions of each name, each standing for all that begin with it, as `=` does in a match spec.
  public private(set) var versions: [String: [String]] = [:]

  /// No versions at all.
  public init() {}

  /// Reads a file of `name: [versions]`, in JSON or YAML.
  ///
  /// Versions need no quotes: `3.10` is what it looks like, and not the number 3.1.
  ///
  /// - Throws: ``ChannelError`` when the file cannot be read or holds anything else.
  public init(contentsOf path: FilePath) throws(ChannelError) {
    let value = try OptionFile.value(at: path)
    guard let object = value.object else {
      throw ChannelError(path, "\(value.kind) where names with lists of versions should be")
    }
    for member in object.members {
      guard PackageName.isValid(member.name) else {
        throw ChannelError(path, "\"\(member.name)\" is not a package name (CEP 26)")
      }
      var list = [member.value]
      if case .array(let values) = member.value { list = values }
      var texts: [String] = []
      for value in list {
        var text = value.string
        if case .number(let number) = value { text = number }
        guard let text, !text.contains(" "), VersionRange("=" + text) != nil else {
          throw ChannelError(path, "\(member.name): \(value) is not a version")
        }
        texts.append(text)
      }
      versions[member.name] = texts
    }
  }

  /// Which versions each pin stands for.
  var ranges: [String: [VersionRange]] {
    versions.mapValues { texts in texts.compactMap { VersionRange("=" + $0) } }
  }

  var fingerprint: String {
    versions.sorted { $0.key.precedes($1.key) }
      .map { "\($0.key)=\($0.value.joined(separator: ","))" }.joined(separator: ";")
  }

  /// The pins that no package of the channel matches, one line each.
  func unmatched(in contents: ChannelContents) -> [String] {
    guard !versions.isEmpty else { return [] }
    var found: [String: [PackageVersion]] = [:]
    for listed in contents.subdirs.lazy.flatMap(\.packages) {
      let name = String(decoding: listed.package.name, as: UTF8.self)
      guard versions[name] != nil else { continue }
      var members = JSONSlice(listed.package.record).members
      if let version = members.value(of: "version")?.string.flatMap({ PackageVersion($0) }) {
        found[name, default: []].append(version)
      }
    }
    return versions.sorted { $0.key.precedes($1.key) }.flatMap { name, texts in
      texts.filter { text in
        let range = VersionRange("=" + text)
        return found[name]?.contains { range?.contains($0) == true } != true
      }.map { "the pin \(name)=\($0) matches no package" }
    }
  }
}
