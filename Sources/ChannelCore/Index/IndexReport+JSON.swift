internal import ChannelSystem
public import SystemPackage

extension IndexReport {
  /// The report as canonical JSON, for machines.
  public var json: [UInt8] {
    var report = JSONObject()
    report["channel"] = .object([
      "warnings": .array(channel.warnings.map { .string($0) }),
      "withdrawn": .array(channel.withdrawn.map { .string($0) }),
      "written": .array(channel.written.map { .string($0) }),
    ])
    report["failures"] = .array(
      failures.map { .object(["path": .string("\($0.path)"), "reason": .string($0.reason)]) })
    report["subdirs"] = .array(subdirs.map { .object($0.document) })
    report["warnings"] = .array(warnings.map { .string($0) })
    return JSONWriter.bytes(of: .object(report))
  }

  /// Writes the report to a file, whole or not at all; to a pipe or a device as it comes.
  ///
  /// - Throws: ``ChannelError`` when the file cannot be written.
  public func write(to path: FilePath) throws(ChannelError) {
    let bytes = json + Array("\n".utf8)
    do throws(Errno) {
      if let kind = try? FileStatus(of: path).kind, kind != .regular {
        // A rename would put a file in the place of the device.
        try Descriptor(opening: path, .writeOnly).writeAll(bytes)
      } else {
        try AtomicFile(replacing: path, with: bytes).rename()
        try AtomicFile.synchronizeDirectory(path.removingLastComponent())
      }
    } catch {
      throw ChannelError(path, "cannot be written: \(error)")
    }
  }
}

extension IndexReport.Subdir {
  fileprivate var document: JSONObject {
    [
      "added": .array(added.map { .string($0.fileName) }),
      "published": .number(String(published)),
      "quarantined": .array(
        quarantined.map { error in
          .object([
            "code": .string(error.code.description), "path": .string("\(error.path)"),
            "reason": .string(error.reason),
          ])
        }),
      "removed": .array(removed.map { .string($0.fileName) }),
      "subdir": .string(platform.name),
      "updated": .array(
        updated.map { update in
          .object([
            "fields": .array(update.fields.map { .string($0.name) }),
            "file": .string(update.archive.fileName),
          ])
        }),
      "warnings": .array(warnings.map { .string($0) }),
      "withheld": .array(
        withheld.map { withheld in
          .object([
            "file": .string(withheld.archive.fileName), "reason": .string(withheld.reason),
            "yanked": .bool(withheld.isYanked),
          ])
        }),
      "withdrawn": .array(withdrawn.map { .string($0.rawValue) }),
      "written": .array(written.map { .string($0.rawValue) }),
    ]
  }
}
