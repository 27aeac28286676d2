/// `repodata.json`: every package of a subdir (CEP 36), in the bytes conda's own indexer makes.
enum Repodata {
  /// The document for packages that stand in the order of their file names.
  static func document(_ contents: SubdirContents) -> [UInt8] {
    let size = contents.packages.reduce(256) { size, listed in
      size + listed.archive.fileName.utf8.count + listed.package.record.count + 8
    }
    var writer = JSONWriter(reservingCapacity: size)
    writer.raw("{\"info\":")
    writer.write(.object(info(contents)))
    writer.raw(",\"packages\":")
    write(contents.packages, .legacy, .tarBz2, to: &writer)
    writer.raw(",\"packages.conda\":")
    write(contents.packages, .legacy, .conda, to: &writer)
    writer.raw(",\"removed\":")
    writer.write(.array(contents.removed.map { .string($0.archive.fileName) }))
    writer.raw(",\"repodata_version\":")
    // Version 2 says that packages may lie elsewhere (CEP 15).
    writer.write(contents.baseURL == nil ? 1 : 2)
    if contents.revision3 != nil {
      writer.raw(",\"v3\":{\"conda\":")
      write(contents.packages, .v3, .conda, to: &writer)
      writer.raw(",\"tar.bz2\":")
      write(contents.packages, .v3, .tarBz2, to: &writer)
      writer.raw("}")
    }
    writer.raw("}")
    return writer.bytes
  }

  private static func info(_ contents: SubdirContents) -> JSONObject {
    var info = JSONObject()
    info["subdir"] = .string(contents.subdir.name)
    if let baseURL = contents.baseURL { info["base_url"] = .string(baseURL) }
    if let relations = contents.relations.document {
      info["channel_relations"] = .object(relations)
    }
    if let revision3 = contents.revision3 {
      info["repodata_revisions"] = .object(revision3.document)
    }
    return info
  }

  private static func write(
    _ packages: [ListedPackage], _ revision: PackageRecord.Revision, _ format: ArchiveName.Format,
    to writer: inout JSONWriter
  ) {
    writer.raw("{")
    var isFirst = true
    for listed in packages
    where listed.package.revision == revision && listed.archive.format == format {
      if !isFirst { writer.raw(",") }
      isFirst = false
      writer.write(listed.key)
      writer.raw(":")
      writer.raw(listed.package.record)
    }
    writer.raw("}")
  }
}
