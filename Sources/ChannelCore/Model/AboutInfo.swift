/// What a package says about itself beyond its record: the facts channeldata lists (CEP 38).
struct AboutInfo: Sendable, Hashable {
  /// The facts under channeldata's names, those that are unknown left out.
  let fields: JSONObject

  /// The members of `info/about.json` that are one text each; some build tools write a list of one.
  private static let texts: Set<String> = [
    "description", "dev_url", "doc_source_url", "doc_url", "home", "license", "recipe_origin",
    "summary",
  ]

  /// The members of `info/about.json` that are taken as they are.
  private static let lists: Set<String> = ["identifiers", "keywords", "tags"]

  /// Gathers the facts from a package's members; what is missing or cannot be read tells nothing.
  init(_ members: [MetadataMember: [UInt8]]) {
    var fields = JSONObject()
    if let about = members[.about].flatMap({ try? Self.facts(inAbout: $0) }) { fields = about }
    if let recipe = members[.recipe] ?? members[.renderedRecipe] {
      let sources = Self.sources(ofRecipe: recipe)
      fields["source_url"] = Self.urls(sources.compactMap { $0["url"] })
      fields["source_git_url"] = Self.urls(sources.compactMap { $0["git_url"] ?? $0["git"] })
    }
    if let icon = members[.icon], PackageIcon.isPNG(icon) {
      fields[PackageIcon.hashField] = .string(PackageIcon.hash(Digest.sha256(of: icon)))
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
      guard texts.contains(name) || lists.contains(name) else { return try reader.skipValue() }
      var value = try reader.value()
      if texts.contains(name) { value = value.strings?.first.map(JSONValue.string) ?? value }
      switch value {
      case .string(let text):
        // Blocks of text end with a newline that belongs to the file alone.
        let trimmed = text.trimmingWhitespace()
        guard !trimmed.isEmpty else { return }
        value = .string(trimmed)
      case .array(let values) where lists.contains(name) && !values.isEmpty: break
      default: return
      }
      members.append(.init(name: name, value: value))
    }
    try reader.end()
    return JSONObject(unsorted: members)
  }

  /// Addresses, of which each value is one or a list of mirrors: the only one as it is, several as a
  /// list, none as nil.
  private static func urls(_ values: [JSONValue]) -> JSONValue? {
    var urls: [String] = []
    for value in values { urls += value.string.map { [$0] } ?? value.strings ?? [] }
    // A recipe that was not rendered has a template's variables there.
    urls.removeAll { Self.isTemplate($0.utf8) }
    if urls.count > 1 { return .array(urls.map { .string($0) }) }
    return urls.first.map { .string($0) }
  }

  private static func isTemplate(_ text: String.UTF8View) -> Bool {
    // Bytes: a search for a string within another costs as much as reading the recipe.
    let brace = UInt8(ascii: "{")
    guard let first = text.firstIndex(of: brace) else { return false }
    return text[text.index(after: first)...].first == brace
  }

  /// The sources that a rendered recipe names.
  ///
  /// Only the lines of `source` are read: recipes are long, and their other parts nobody's concern.
  /// One build tool writes them at the top, another below `recipe`.
  private static func sources(ofRecipe recipe: [UInt8]) -> [JSONObject] {
    let lines = recipe.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    guard let first = lines.firstIndex(where: { content($0).starts(with: "source:".utf8) })
    else { return [] }
    let indentation = lines[first].count - content(lines[first]).count
    let block = lines[(first + 1)...].prefix { line in
      let content = content(line)
      return line.count - content.count > indentation
        || line.count - content.count == indentation && content.first == UInt8(ascii: "-")
    }
    let text = lines[first...first] + block
    let value = try? YAMLReader.value(in: Array(text.joined(separator: [UInt8(ascii: "\n")])))
    switch value?.object?["source"] {
    case .object(let source)?: return [source]
    case .array(let sources)?: return sources.compactMap(\.object)
    default: return []
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
    // bin/.name-post-link.sh, Scripts/.name-pre-unlink.bat, python-scripts/.… of what is noarch
    guard ["bin/.", "Scripts/.", "python-scripts/."].contains(where: path.hasPrefix) else { return }
    if path.contains("-pre-link.") { traits.insert(.preLink) }
    if path.contains("-post-link.") { traits.insert(.postLink) }
    if path.contains("-pre-unlink.") { traits.insert(.preUnlink) }
  }
}

extension String {
  fileprivate func trimmingWhitespace() -> String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
