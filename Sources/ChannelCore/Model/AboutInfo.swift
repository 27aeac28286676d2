/// What a package says about itself beyond its record: the facts channeldata lists (CEP 38).
public struct AboutInfo: Sendable, Hashable {
  /// The facts under channeldata's names, those that are unknown left out.
  public let fields: JSONObject

  /// The members of `info/about.json` that are taken as they are.
  private static let aboutFields = [
    "description", "dev_url", "doc_source_url", "doc_url", "home", "identifiers", "keywords",
    "license", "license_family", "license_url", "recipe_origin", "summary", "tags",
  ]

  /// Gathers the facts from a package's members; what is missing or cannot be read tells nothing.
  init(_ members: [MetadataMember: [UInt8]]) {
    var fields = JSONObject()
    if let about = members[.about].flatMap({ try? JSONReader.value(in: $0).object }) {
      for name in Self.aboutFields {
        if let value = about[name], value != .null { fields[name] = value }
      }
    }
    let recipe = (members[.recipe] ?? members[.renderedRecipe])
      .flatMap { try? YAMLReader.value(in: $0).object }
    if let recipe {
      // What one build tool writes at the top, another puts below `recipe`.
      let source = (recipe["recipe"]?.object ?? recipe)["source"]
      var only = source?.object
      if case .array(let sources)? = source, sources.count == 1 { only = sources[0].object }
      if let url = only?["url"] { fields["source_url"] = url }
      if let url = only?["git_url"] ?? only?["git"] { fields["source_git_url"] = url }
    }
    if let icon = members[.icon] {
      fields["icon_hash"] = .string("sha256:\(Digest.sha256(of: icon))")
    }
    for trait in members[.paths].flatMap({ try? InstalledPaths(pathsJSON: $0) })?.traits ?? [] {
      fields[trait.rawValue] = .bool(true)
    }
    self.fields = fields
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
      guard name == "paths" else {
        _ = try reader.value()
        return
      }
      try reader.forEachElement { (reader) throws(JSONError) in
        guard let file = try reader.value().object else { return }
        Self.note(file, in: &traits)
      }
    }
    self.traits = traits
  }

  private static func note(_ file: JSONObject, in traits: inout Set<Trait>) {
    let path = file["_path"]?.string ?? ""
    if path.hasPrefix("etc/conda/activate.d/") { traits.insert(.activates) }
    if path.hasPrefix("etc/conda/deactivate.d/") { traits.insert(.deactivates) }
    if file["prefix_placeholder"]?.string != nil {
      traits.insert(file["file_mode"]?.string == "binary" ? .binaryPrefix : .textPrefix)
    }
    // bin/.name-post-link.sh, Scripts/.name-pre-unlink.bat
    guard path.hasPrefix("bin/.") || path.hasPrefix("Scripts/.") else { return }
    if path.contains("-pre-link.") { traits.insert(.preLink) }
    if path.contains("-post-link.") { traits.insert(.postLink) }
    if path.contains("-pre-unlink.") { traits.insert(.preUnlink) }
  }
}
