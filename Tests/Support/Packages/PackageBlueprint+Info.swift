extension PackageBlueprint {
  /// The files of `info/`, sorted by name.
  package func infoMembers() -> [ArchiveMember] {
    var members = [
      ArchiveMember("info/about.json", text: JSONText.object(about)),
      ArchiveMember("info/files", text: payloadPaths.map { $0 + "\n" }.joined()),
      ArchiveMember("info/index.json", text: JSONText.object(index)),
      ArchiveMember("info/paths.json", text: paths),
    ]
    if let runExports {
      members.append(ArchiveMember("info/run_exports.json", text: runExports))
    }
    let replaced = Set(extraInfo.map(\.name))
    members.removeAll { replaced.contains($0.name) }
    return (members + extraInfo).sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  private var payloadPaths: [String] {
    payload.filter { $0.kind != .directory }.map(\.nameText)
  }

  private var index: [String: String] {
    let required = [
      "name": JSONText.string(name),
      "version": JSONText.string(version),
      "build": JSONText.string(build),
      "build_number": String(buildNumber),
      "subdir": JSONText.string(subdir),
      "depends": JSONText.array(depends),
    ]
    return required.merging(indexFields) { _, given in given }
  }

  private var paths: String {
    let entries = payload.compactMap { file -> String? in
      let type: String
      switch file.kind {
      case .directory: return nil
      case .file: type = "hardlink"
      case .symbolicLink: type = "softlink"
      }
      return JSONText.object([
        "_path": JSONText.string(file.nameText),
        "path_type": JSONText.string(type),
        "sha256": JSONText.string(hexadecimal(sha256(of: file.content))),
        "size_in_bytes": String(file.content.count),
      ])
    }
    return JSONText.object(["paths": "[\(entries.joined(separator: ","))]", "paths_version": "1"])
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

/// The little JSON that blueprints need, apart from the writer that tests put to the proof.
package enum JSONText {
  /// A quoted string with the escapes RFC 8259 §7 demands.
  package static func string(_ value: String) -> String {
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  /// An array of strings.
  package static func array(_ values: [String]) -> String {
    "[\(values.map(string).joined(separator: ","))]"
  }

  /// An object of values that are JSON text already, keys sorted.
  package static func object(_ members: [String: String]) -> String {
    let members = members.sorted { $0.key < $1.key }.map { "\(string($0.key)):\($0.value)" }
    return "{\(members.joined(separator: ","))}"
  }
}
