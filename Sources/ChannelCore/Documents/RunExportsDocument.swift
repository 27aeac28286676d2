/// `run_exports.json`: what each package asks of those that are built with it (CEP 12).
enum RunExportsDocument {
  /// The document, which lists every package, those without run exports too: a package that is not
  /// listed would be downloaded to find out.
  static func document(_ contents: SubdirContents) -> [UInt8] {
    var writer = JSONWriter(reservingCapacity: 96 * contents.packages.count + 128)
    writer.raw("{\"info\":{\"subdir\":")
    writer.write(contents.subdir.name)
    writer.raw(",\"version\":1},\"packages\":")
    write(contents.packages, .tarBz2, to: &writer)
    writer.raw(",\"packages.conda\":")
    write(contents.packages, .conda, to: &writer)
    writer.raw("}")
    return writer.bytes
  }

  private static func write(
    _ packages: [ListedPackage], _ format: ArchiveName.Format, to writer: inout JSONWriter
  ) {
    writer.raw("{")
    var isFirst = true
    for listed in packages where listed.archive.format == format {
      if !isFirst { writer.raw(",") }
      isFirst = false
      writer.write(listed.archive.fileName)
      writer.raw(":{\"run_exports\":")
      writer.raw(listed.package.runExports)
      writer.raw("}")
    }
    writer.raw("}")
  }
}
