internal import SystemPackage

/// What an operator corrects in the records of a subdir after its packages were built (CEP 21).
///
/// Plain data, in the form that conda's own indexer reads from `patch_instructions.json`: nothing in
/// it is ever executed.
struct PatchInstructions: Sendable {
  /// One thing to do, to one file or a file and its twin.
  struct Instruction: Sendable {
    enum Action: Sendable {
      /// Merge these fields into the record.
      case amend(JSONObject)
      /// Make the package impossible to install, and say so in its record.
      case revoke
      /// Leave the package out of the index.
      case remove
    }

    /// The member in which it stands, such as `packages.conda`.
    var section: String
    /// The file, as the instruction spells it.
    var name: String
    /// The files it is meant for; none when the name is no package's, or one of another format.
    var targets: [ArchiveName]
    var action: Action
    /// The fields it names in vain, each with the reason.
    var ignored: [String] = []
  }

  /// Where the instructions come from.
  let origin: PatchOrigin
  /// All there is to do, in the order in which it is done.
  let instructions: [Instruction]
  /// Members that mean nothing to any version of the format.
  let unknownMembers: [String]
  /// The digest of all that is said, however it is spelled.
  let digest: Digest

  /// The members that make an object one of instructions.
  static let members: Set<String> = [
    "packages", "packages.conda", "patch_instructions_version", "remove", "revoke", "v3",
  ]

  /// Reads instructions of version 1 or 2.
  ///
  /// - Throws: ``ChannelError`` when the version is missing or another one, or when a member is of
  ///   another type than the format says.
  init(_ document: JSONObject, from origin: PatchOrigin) throws(ChannelError) {
    self.origin = origin
    var reader = PatchReader(origin: origin, version: try Self.version(of: document, origin))
    // Later instructions win over earlier ones: what is said of a `.conda` itself, over what it has
    // from its twin.
    try reader.readPatches(document["packages"], "packages", .tarBz2)
    try reader.readPatches(document["packages.conda"], "packages.conda", .conda)
    try reader.readRevision3(document["v3"])
    try reader.readNames(document["revoke"], "revoke", .revoke)
    try reader.readNames(document["remove"], "remove", .remove)
    instructions = reader.instructions
    unknownMembers = document.members.map(\.name).filter { !Self.members.contains($0) }
    digest = Digest.sha256(of: JSONWriter.bytes(of: .object(document)))
  }

  /// The files that are to be revoked or removed, whether they are there or not.
  var withdrawn: Set<ArchiveName> {
    let withdrawals = instructions.filter { instruction in
      if case .amend = instruction.action { return false }
      return true
    }
    return Set(withdrawals.flatMap(\.targets))
  }

  /// A line for each of the instructions at these positions, which concern no package.
  func warnings(ofUnmatched positions: Set<Int>) -> [String] {
    positions.sorted().map { position in
      let instruction = instructions[position]
      let reason =
        instruction.targets.isEmpty ? "names no package of that kind" : "matches no package"
      return origin.line("\(instruction.section): \"\(instruction.name)\" \(reason)")
    }
  }

  private static func version(
    of document: JSONObject, _ origin: PatchOrigin
  ) throws(ChannelError) -> Int {
    let name = "patch_instructions_version"
    guard let value = document[name] else { throw origin.error("\"\(name)\" is missing") }
    guard let version = value.integer, (1...2).contains(version) else {
      throw origin.error("\"\(name)\" is \(value); known are 1 and 2")
    }
    return version
  }
}

/// Where instructions were read from, for messages.
struct PatchOrigin: Sendable {
  /// The file.
  var path: FilePath
  /// The part of the file, when it holds those of several subdirs.
  var part: String?

  /// One line for a warning.
  func line(_ text: String) -> String {
    "\(path): " + (part.map { "\($0): " } ?? "") + text
  }

  func error(_ reason: String) -> ChannelError {
    ChannelError(path, (part.map { "\($0): " } ?? "") + reason)
  }
}

/// Turns the members of an instruction document into instructions.
private struct PatchReader {
  let origin: PatchOrigin
  let version: Int
  var instructions: [PatchInstructions.Instruction] = []

  init(origin: PatchOrigin, version: Int) {
    self.origin = origin
    self.version = version
  }

  /// Fields that no patch can change, since the file's name says the same.
  private static let identity: Set<String> = ["build", "name", "subdir", "version"]

  mutating func readPatches(
    _ value: JSONValue?, _ section: String, _ format: ArchiveName.Format, suffix: String = ""
  ) throws(ChannelError) {
    guard let value else { return }
    guard let entries = value.object else {
      throw origin.error("\"\(section)\" is \(value.kind), not an object")
    }
    for entry in entries.members {
      guard let fields = entry.value.object else {
        throw origin.error(
          "\"\(section)\": \"\(entry.name)\" is \(entry.value.kind), not an object of fields")
      }
      let archive = ArchiveName(entry.name + suffix)
      var instruction = PatchInstructions.Instruction(
        section: section, name: entry.name,
        targets: archive?.format == format ? archive?.withTwin ?? [] : [], action: .revoke)
      var kept = fields
      kept.removeAll { member in
        guard let reason = reasonToIgnore(member.name) else { return false }
        instruction.ignored.append("\"\(member.name)\" \(reason)")
        return true
      }
      instruction.action = .amend(kept)
      instructions.append(instruction)
    }
  }

  mutating func readRevision3(_ value: JSONValue?) throws(ChannelError) {
    guard let value else { return }
    guard let maps = value.object else {
      throw origin.error("\"v3\" is \(value.kind), not an object")
    }
    let formats: [ArchiveName.Format] = [.tarBz2, .conda]
    for format in formats {
      let name = String(format.rawValue.dropFirst())
      try readPatches(maps[name], "v3.\(name)", format, suffix: format.rawValue)
    }
    // Other formats are read for their faults; no package has one of them.
    for map in maps.members where ArchiveName.Format(rawValue: ".\(map.name)") == nil {
      try readPatches(map.value, "v3.\(map.name)", .conda, suffix: ".\(map.name)")
    }
  }

  mutating func readNames(
    _ value: JSONValue?, _ section: String, _ action: PatchInstructions.Instruction.Action
  ) throws(ChannelError) {
    guard let value else { return }
    guard let names = value.strings else {
      throw origin.error("\"\(section)\" is not an array of file names")
    }
    for name in names {
      instructions.append(
        .init(
          section: section, name: name, targets: ArchiveName(name)?.withTwin ?? [], action: action))
    }
  }

  private func reasonToIgnore(_ field: String) -> String? {
    if field == "run_exports" {
      return version < 2 ? "is patched by instructions of version 2 only" : nil
    }
    if PackageRecord.channelFields.contains(field) { return "is the channel's own to say" }
    if Self.identity.contains(field) { return "is what the package's file says" }
    if PackageRecord.droppedFields.contains(field) { return "is no part of an index" }
    return nil
  }
}

extension ArchiveName {
  /// The file, and for a `.tar.bz2` the `.conda` that holds the same package.
  fileprivate var withTwin: [ArchiveName] {
    guard format == .tarBz2, let twin = ArchiveName(stem + Format.conda.rawValue) else {
      return [self]
    }
    return [self, twin]
  }
}
