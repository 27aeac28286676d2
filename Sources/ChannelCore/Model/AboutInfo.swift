/// What a package says about itself beyond its record: the facts channeldata lists (CEP 38).
struct AboutInfo: Sendable, Hashable {
  /// The facts under channeldata's names, those that are unknown left out.
  let fields: JSONObject

  /// The members of `info/about.json` that are taken as they are.
  private static let aboutFields: Set<String> = [
    "description", "dev_url", "doc_source_url", "doc_url", "home", "identifiers", "keywords",
    "license", "license_family", "license_url", "recipe_origin", "summary", "tags",
  ]

  /// Gathers the facts from a package's members; what is missing or cannot be read tells nothing.
  init(_ members: [MetadataMember: [UInt8]]) {
    var fields = JSONObject()
    if let about = members[.about].flatMap({ try? Self.facts(inAbout: $0) }) { fields = about }
    if let source = (members[.recipe] ?? members[.renderedRecipe]).flatMap(Self.source(ofRecipe:)) {
      if let url = source["url"] { fields["source_url"] = url }
      if let url = source["git_url"] ?? source["git"] { fields["source_git_url"] = url }
    }
    if let icon = members[.icon] {
      fields["icon_hash"] = .string("sha256:\(Digest.sha256(of: icon))")
    }
    for trait in members[.paths].flatMap({ try? InstalledPaths(pathsJSON: $0) })?.traits ?? [] {
      fields[trait.rawValue] = .bool(true)
    }
    self.fields = fields
  }

  /// The facts in an `info/about.json`, most of which is of no concern here.
  private static func facts(inAbout about: [UInt8]) throws(JSONError) -> JSONObject {
    var members: [JSONObject.Member] = []
    var reader = JSONReader(about)
    try reader.forEachMember { (name, reader) throws(JSONError) in
      guard aboutFields.contains(name) else { return try reader.skipValue() }
      let value = try reader.value()
      if value != .null { members.append(.init(name: name, value: value)) }
    }
    try reader.end()
    return JSONObject(unsorted: members)
  }

  /// The one source that a rendered recipe names; nil when there is none, or more than one.
  ///
  /// Only the lines of `source` are read: recipes are long, and their other parts nobody's concern.
  /// One build tool writes them at the top, another below `recipe`.
  private static func source(ofRecipe recipe: [UInt8]) -> JSONObject? {
    let lines = recipe.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    guard let first = lines.firstIndex(where: { content($0).starts(with: "source:".utf8) })
    else { return nil }
    let indentation = lines[first].count - content(lines[first]).count
    let block = lines[(first + 1)...].prefix { line in
      let content = content(line)
      return line.count - content.count > indentation
        || line.count - content.count == indentation && content.first == UInt8(ascii: "-")
    }
    let text = lines[first...first] + block
    switch try? YAMLReader.value(in: Array(text.joined(separator: [UInt8(ascii: "\n")]))) {
    case .object(let object)?:
      if case .array(let sources)? = object["source"] {
        return sources.count == 1 ? sources[0].object : nil
      }
      return object["source"]?.object
    default: return nil
    }
  }

  private static func content(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.drop { $0 == UInt8(ascii: " ") }
  }
}

/// What the list of a package's files tells about its installation.
struct InstalledPaths {
  /// Traits under channeldata's names.
  enum Trait: String, CaseIterable {
    case activates = "activate.d"
    case deactivates = "deactivate.d"
    case binaryPrefix = "binary_prefix"
    case textPrefix = "text_prefix"
    case preLink = "pre_link"
    case postLink = "post_link"
    case preUnlink = "pre_unlink"
  }

  private(set) var traits: Set<Trait> = []

  /// Reads an `info/paths.json`, one file at a time: there can be hundreds of thousands.
  init(pathsJSON bytes: [UInt8]) throws(JSONError) {
    var traits: Set<Trait> = []
    var reader = JSONReader(bytes)
    try reader.forEachMember { (name, reader) throws(JSONError) in
      guard name == "paths" else { return try reader.skipValue() }
      try reader.forEachElement { (reader) throws(JSONError) in
        var file = File()
        try reader.forEachMember { (name, reader) throws(JSONError) in
          switch name {
          case "_path": file.path = try reader.value().string ?? ""
          case "prefix_placeholder": file.hasPrefix = try reader.value().string != nil
          case "file_mode": file.isBinary = try reader.value().string == "binary"
          default: try reader.skipValue()
          }
        }
        Self.note(file, in: &traits)
      }
    }
    self.traits = traits
  }

  private struct File {
    var path = ""
    var hasPrefix = false
    var isBinary = false
  }

  private static func note(_ file: File, in traits: inout Set<Trait>) {
    let path = file.path
    if path.hasPrefix("etc/conda/activate.d/") { traits.insert(.activates) }
    if path.hasPrefix("etc/conda/deactivate.d/") { traits.insert(.deactivates) }
    if file.hasPrefix { traits.insert(file.isBinary ? .binaryPrefix : .textPrefix) }
    // bin/.name-post-link.sh, Scripts/.name-pre-unlink.bat
    guard path.hasPrefix("bin/.") || path.hasPrefix("Scripts/.") else { return }
    if path.contains("-pre-link.") { traits.insert(.preLink) }
    if path.contains("-post-link.") { traits.insert(.postLink) }
    if path.contains("-pre-unlink.") { traits.insert(.preUnlink) }
  }
}
