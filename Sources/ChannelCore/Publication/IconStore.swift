internal import ChannelSystem
internal import SystemPackage

/// The published icons of packages, each in a file named by its digest.
///
/// An icon that is missing is taken from its package again, so nothing has to be kept between runs,
/// nor in memory while packages are read.
struct IconStore {
  let layout: ChannelLayout
  let publication: Publication
  let readLimits: ReadLimits

  /// An icon that is published, or can be.
  struct Icon {
    var sha256: Digest
    /// Its bytes; nil when they lie where they belong already.
    var bytes: [UInt8]?
  }

  /// The icons that `data` names, as far as they can be had, each once.
  func icons(of data: ChannelData) -> [Icon] {
    var icons: [Icon] = []
    var seen: Set<Digest> = []
    var reader: PackageReader? = nil
    for icon in data.entries.compactMap(\.icon) where seen.insert(icon.sha256).inserted {
      let file = layout.file(PackageIcon.path(icon.sha256))
      if let bytes = try? Descriptor.contents(of: file), Digest.sha256(of: bytes) == icon.sha256 {
        icons.append(Icon(sha256: icon.sha256))
        continue
      }
      if reader == nil { reader = PackageReader(limits: readLimits) }
      let contents = try? reader?.contents(
        of: layout.package(icon.archive, in: icon.subdir), format: icon.archive.format)
      // A package that was replaced since is the next run's concern.
      guard let bytes = contents?.members[.icon], Digest.sha256(of: bytes) == icon.sha256
      else { continue }
      icons.append(Icon(sha256: icon.sha256, bytes: bytes))
    }
    return icons
  }

  /// Publishes the icons that are not there yet, and returns their paths below the root.
  func publish(_ icons: [Icon]) throws(ChannelError) -> [String] {
    let missing = icons.compactMap { icon in
      icon.bytes.map {
        Publication.Document(path: layout.file(PackageIcon.path(icon.sha256)), bytes: $0)
      }
    }
    guard !missing.isEmpty else { return [] }
    do throws(Errno) {
      try layout.icons.makeDirectory()
    } catch {
      throw ChannelError(layout.icons, "cannot be made: \(error)")
    }
    return try publication.publish(missing, in: layout.icons).compactMap { path in
      path.lastComponent.map { "icons/\($0.string)" }
    }
  }
}
