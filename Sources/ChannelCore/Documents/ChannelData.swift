/// `channeldata.json`: what each package of a channel is, by name (CEP 38).
///
/// It is made anew from the packages that are listed, so what was deleted leaves it.
struct ChannelData: Sendable {
  /// All that is said of one name.
  struct Entry: Sendable {
    let name: String
    /// The members of the name's object.
    fileprivate(set) var fields: JSONObject
    /// The icon of the newest package that has one, and where it lies.
    let icon: Icon?

    /// The newest version.
    var version: String { fields["version"]?.string ?? "" }
  }

  /// An icon and a package that it can be taken from.
  struct Icon: Sendable {
    let sha256: Digest
    let subdir: Platform
    let archive: ArchiveName
  }

  /// The names in the order of their bytes.
  private(set) var entries: [Entry]
  /// The subdirs of the channel, in alphabetical order.
  let subdirs: [Platform]

  init(_ contents: ChannelContents, threads: Int) {
    subdirs = contents.subdirs.map(\.platform)
    var groups: [ArraySlice<UInt8>: [PackageFacts.Source]] = [:]
    for subdir in contents.subdirs {
      for listed in subdir.packages {
        groups[listed.package.name, default: []].append(
          .init(subdir: subdir.platform, listed: listed))
      }
    }
    entries = groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .parallelMap(threads: threads, makeContext: {}) { group, _ in
        Entry(String(decoding: group.key, as: UTF8.self), group.value)
      }
  }

  /// Leaves out the icons that are not published.
  mutating func keepIcons(where isPublished: (Icon) -> Bool) {
    for index in entries.indices {
      guard let icon = entries[index].icon, !isPublished(icon) else { continue }
      entries[index].fields[PackageIcon.hashField] = nil
      entries[index].fields["icon_url"] = nil
    }
  }

  /// The document's bytes, with the newline at the end that conda's indexer writes here.
  var document: [UInt8] {
    var writer = JSONWriter(reservingCapacity: 1024 * entries.count + 256)
    writer.raw("{\"channeldata_version\":1,\"packages\":{")
    for (index, entry) in entries.enumerated() {
      if index > 0 { writer.raw(",") }
      writer.write(entry.name)
      writer.raw(":")
      writer.write(entry.fields)
    }
    writer.raw("},\"subdirs\":")
    writer.write(.array(subdirs.map { .string($0.name) }))
    writer.raw("}\n")
    return writer.bytes
  }
}

extension ChannelData.Entry {
  /// Gathers what the packages of one name say.
  ///
  /// Each text comes from the newest version that has it: of the same version from the build that is
  /// newest, and of two files of one build from the `.conda`. A trait is that of any package.
  fileprivate init(_ name: String, _ sources: [PackageFacts.Source]) {
    let packages = PackageFacts.all(sources)
    var fields = JSONObject()
    var icon: ChannelData.Icon?
    for trait in InstalledPaths.Trait.allCases { fields[trait.rawValue] = .bool(false) }
    var told: Set<PackageFacts.Texts> = []
    for package in packages where told.insert(package.texts).inserted {
      for member in package.texts.members.members {
        if member.value == .bool(true) {
          fields[member.name] = .bool(true)
        } else if fields[member.name] == nil {
          fields[member.name] = member.value
          if member.name == PackageIcon.hashField { icon = package.icon(member.value) }
        }
      }
    }
    if let icon { fields["icon_url"] = .string(PackageIcon.path(icon.sha256)) }
    fields["version"] = .string(packages.first?.versionText ?? "")
    fields["subdirs"] = .array(
      Set(packages.map(\.subdir)).sorted().map { .string($0.name) })
    fields["timestamp"] = .number(String(packages.map(\.timestamp).max() ?? 0))
    fields["run_exports"] = .object(Self.runExports(packages))
    self.name = name
    self.fields = fields
    self.icon = icon
  }

  /// The run exports of each version that has any: those of the newest build, and where that is for a
  /// platform on which there are none, those of the newest build elsewhere.
  private static func runExports(_ packages: [PackageFacts]) -> JSONObject {
    struct Group: Hashable {
      var version: String
      var subdir: Platform
    }
    var seen: Set<Group> = []
    var runExports: [String: JSONValue] = [:]
    for package in packages
    where seen.insert(Group(version: package.versionText, subdir: package.subdir)).inserted {
      guard runExports[package.versionText] == nil, package.hasRunExports else { continue }
      runExports[package.versionText] = package.runExports
    }
    return JSONObject(unsorted: runExports.map { .init(name: $0.key, value: $0.value) })
  }
}
