/// What a package says about itself beyond its record: the facts channeldata lists (CEP 38).
struct AboutInfo: Sendable, Hashable {
  /// The facts under channeldata's names, those that are unknown left out.
  let fields: JSONObject

  private enum Shape {
    case text, list
  }

  /// The members of `info/about.json` that are taken, and what they should be; some build tools write
  /// a text as a list of one.
  private static let shapes: [String: Shape] = [
    "description": .text, "dev_url": .text, "doc_source_url": .text, "doc_url": .text,
    "home": .text, "identifiers": .list, "keywords": .list, "license": .text,
    "recipe_origin": .text, "summary": .text, "tags": .list,
  ]

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
      guard let shape = shapes[name] else { return try reader.skipValue() }
      var value = try reader.value()
      if shape == .text { value = value.strings?.first.map(JSONValue.string) ?? value }
      switch value {
      case .string(let text):
        // Blocks of text end with a newline that belongs to the file alone.
        let trimmed = text.trimmingWhitespace()
        guard !trimmed.isEmpty else { return }
        value = .string(trimmed)
      case .array(let values) where shape == .list && !values.isEmpty: break
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
    var block: Range<Int>?
    var indentation = 0
    var start = 0
    while start < recipe.count {
      let end = recipe[start...].firstIndex(of: UInt8(ascii: "\n")) ?? recipe.count
      let content = recipe[start..<end].droppingSpaces
      let offset = content.startIndex - start
      if let begun = block {
        let belongs =
          offset > indentation || content.isEmpty
          || offset == indentation && content.first == UInt8(ascii: "-")
        guard belongs else { break }
        block = begun.lowerBound..<end
      } else if content.starts(with: "source:".utf8) {
        block = start..<end
        indentation = offset
      }
      start = end + 1
    }
    let value = block.flatMap { try? YAMLReader.value(in: Array(recipe[$0])) }
    switch value?.object?["source"] {
    case .object(let source)?: return [source]
    case .array(let sources)?: return sources.compactMap(\.object)
    default: return []
    }
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
    // White space beyond ASCII begins and ends with bytes that are not.
    let isPlain: (UInt8?) -> Bool = { ($0 ?? 0) > 0x20 && ($0 ?? 0) < 0x7F }
    if isPlain(utf8.first), isPlain(utf8.last) { return self }
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
