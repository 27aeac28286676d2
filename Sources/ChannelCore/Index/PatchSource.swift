internal import ChannelSystem
internal import SystemPackage

/// The instructions that a run follows, all read before anything is written.
struct PatchSource: Sendable {
  /// The name under which instructions lie, in a directory or in a package.
  private static let fileName = "patch_instructions.json"
  /// More than the instructions of the largest channels there are, in bytes.
  private static let memberLimit = 256 << 20
  /// How much may be unpacked of a package, in bytes.
  private static let archiveLimit = 1 << 30

  /// Those that are meant for one subdir each.
  private(set) var bySubdir: [Platform: PatchInstructions] = [:]
  /// Those that are meant for whichever subdir the files lie in.
  private(set) var everywhere: PatchInstructions?
  private var warnings: [String] = []

  /// Reads what lies at `path`: a JSON file, a directory of `<subdir>/patch_instructions.json`, or a
  /// package that holds such files.
  ///
  /// A JSON file holds instructions by subdir; or the instructions of one, which then concern every
  /// subdir in which a file of that name lies.
  ///
  /// - Throws: ``ChannelError`` when nothing lies there, or something else.
  init(reading path: FilePath) throws(ChannelError) {
    if (try? FileStatus(of: path).kind) == .directory {
      try read(directory: path)
    } else if let format = ArchiveName(path.lastComponent?.string ?? "")?.format {
      try read(package: path, format)
    } else {
      try read(file: path)
    }
    for instructions in bySubdir.values + [everywhere].compactMap(\.self) {
      for name in instructions.unknownMembers {
        warnings.append(instructions.origin.line("\"\(name)\" means nothing; ignored"))
      }
    }
    warnings.sort { $0.precedes($1) }
  }

  func instructions(for subdir: Platform) -> PatchInstructions? {
    everywhere ?? bySubdir[subdir]
  }

  /// What is odd about the instructions as a whole, a line each.
  ///
  /// `unmatched` are the positions of those that concern nothing in each of `subdirs`; that they
  /// concern nothing anywhere is known only when these `areAll` of the channel's.
  func warnings(for subdirs: [Platform], areAll: Bool, unmatched: [Set<Int>]) -> [String] {
    guard areAll else { return warnings }
    var lines = warnings
    if let everywhere, let first = unmatched.first {
      lines += everywhere.warnings(
        ofUnmatched: unmatched.dropFirst().reduce(first) { $0.intersection($1) })
    }
    for (subdir, instructions) in bySubdir.sorted(by: { $0.key < $1.key })
    where !subdirs.contains(subdir) && !instructions.instructions.isEmpty {
      lines.append(instructions.origin.line("the channel has no subdir \(subdir)"))
    }
    return lines
  }

  // MARK: The three forms

  private mutating func read(file path: FilePath) throws(ChannelError) {
    let origin = PatchOrigin(path: path)
    let document = try Self.object(in: try Self.contents(of: path), origin)
    if document.members.contains(where: { PatchInstructions.members.contains($0.name) }) {
      everywhere = try PatchInstructions(document, from: origin)
      return
    }
    for member in document.members {
      guard let subdir = Platform(member.name) else {
        throw origin.error("\"\(member.name)\" is neither a subdir nor a member of instructions")
      }
      let origin = PatchOrigin(path: path, part: member.name)
      guard let instructions = member.value.object else {
        throw origin.error("\(member.value.kind), not an object of instructions")
      }
      bySubdir[subdir] = try PatchInstructions(instructions, from: origin)
    }
    guard !bySubdir.isEmpty else { throw origin.error("holds no instructions") }
  }

  private mutating func read(directory path: FilePath) throws(ChannelError) {
    var subdirs: [Platform] = []
    do throws(Errno) {
      var entries = try DirectoryEntries(of: path)
      while let entry = try entries.next() {
        if let subdir = Platform(entry.text) { subdirs.append(subdir) }
      }
    } catch {
      throw ChannelError(path, "cannot be listed: \(error)")
    }
    for subdir in subdirs.sorted() {
      let file = path.appending(subdir.name).appending(Self.fileName)
      guard (try? FileStatus(of: file, followingLinks: false)) != nil else { continue }
      let origin = PatchOrigin(path: file)
      bySubdir[subdir] = try PatchInstructions(
        try Self.object(in: try Self.contents(of: file), origin), from: origin)
    }
    guard !bySubdir.isEmpty else {
      throw ChannelError(path, "holds no <subdir>/\(Self.fileName)")
    }
  }

  private mutating func read(
    package path: FilePath, _ format: ArchiveName.Format
  ) throws(ChannelError) {
    let descriptor = try Self.open(path)
    let unpacker = Unpacker()
    var files: [Platform: [UInt8]] = [:]
    do throws(ArchiveError) {
      switch format {
      case .tarBz2:
        unpacker.open(bzip2: descriptor.raw)
        var archive = TarStream(from: unpacker, limit: Self.archiveLimit)
        try Self.collect(from: &archive, into: &files)
      case .conda:
        var archive = try ZipStream.reading(descriptor.raw)
        while try archive.next() {
          let name = archive.name
          guard name.starts(with: "pkg-".utf8), name.suffix(8).elementsEqual(".tar.zst".utf8)
          else { continue }
          unpacker.open(zstandard: archive.member(limit: Self.archiveLimit))
          var payload = TarStream(from: unpacker, limit: Self.archiveLimit)
          try Self.collect(from: &payload, into: &files)
        }
      }
    } catch {
      throw ChannelError(path, "not a readable \(format.rawValue): \(error)")
    }
    for (subdir, bytes) in files.sorted(by: { $0.key < $1.key }) {
      let origin = PatchOrigin(path: path, part: "\(subdir)/\(Self.fileName)")
      bySubdir[subdir] = try PatchInstructions(try Self.object(in: bytes, origin), from: origin)
    }
    guard !bySubdir.isEmpty else {
      throw ChannelError(path, "holds no <subdir>/\(Self.fileName)")
    }
  }

  private static func collect(
    from archive: inout TarStream, into files: inout [Platform: [UInt8]]
  ) throws(ArchiveError) {
    while try archive.next() {
      let parts = String(decoding: archive.name, as: UTF8.self).split(
        separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1] == fileName, let subdir = Platform(parts[0])
      else { continue }
      guard files[subdir] == nil else { throw .damaged("\(subdir)/\(fileName) stands there twice") }
      files[subdir] = try archive.contents(limit: memberLimit)
    }
  }

  // MARK: Files

  private static func open(_ path: FilePath) throws(ChannelError) -> Descriptor {
    do throws(Errno) {
      // Not blocking: a pipe under the name of a package must not hold the run up.
      let descriptor = try Descriptor(opening: path, options: .nonBlocking)
      guard try FileStatus(of: descriptor.raw).kind == .regular else { throw .invalidArgument }
      return descriptor
    } catch {
      throw ChannelError(path, "cannot be read: \(error)")
    }
  }

  private static func contents(of path: FilePath) throws(ChannelError) -> [UInt8] {
    do throws(Errno) {
      return try Descriptor(opening: path, options: .nonBlocking).readAll(limit: memberLimit)
    } catch {
      throw ChannelError(path, "cannot be read: \(error)")
    }
  }

  private static func object(
    in bytes: [UInt8], _ origin: PatchOrigin
  ) throws(ChannelError) -> JSONObject {
    do throws(JSONError) {
      let value = try JSONReader.value(in: bytes)
      guard let object = value.object else {
        throw JSONError(offset: 0, reason: "\(value.kind) where an object should be")
      }
      return object
    } catch {
      throw origin.error("\(error)")
    }
  }
}
