/// `repodata.json`: every package of a subdir (CEP 36), in the bytes conda's own indexer makes.
enum Repodata {
  /// The document for packages that stand in the order of their file names.
  static func document(subdir: Platform, packages: [(ArchiveName, PublishedPackage)]) -> [UInt8] {
    let size = packages.reduce(256) { $0 + $1.0.fileName.utf8.count + $1.1.record.count + 8 }
    var writer = JSONWriter(reservingCapacity: size)
    writer.raw("{\"info\":{\"subdir\":")
    writer.write(subdir.name)
    writer.raw("},\"packages\":")
    write(packages.lazy.filter { $0.0.format == .tarBz2 }, to: &writer)
    writer.raw(",\"packages.conda\":")
    write(packages.lazy.filter { $0.0.format == .conda }, to: &writer)
    writer.raw(",\"removed\":[],\"repodata_version\":1}")
    return writer.bytes
  }

  private static func write(
    _ packages: some Sequence<(ArchiveName, PublishedPackage)>, to writer: inout JSONWriter
  ) {
    writer.raw("{")
    var isFirst = true
    for (archive, package) in packages {
      if !isFirst { writer.raw(",") }
      isFirst = false
      writer.write(archive.fileName)
      writer.raw(":")
      writer.raw(package.record)
    }
    writer.raw("}")
  }
}
