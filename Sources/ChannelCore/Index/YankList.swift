internal import ChannelSystem
internal import SystemPackage

/// The packages that an operator has taken out of the index without deleting them.
///
/// A durable fact, kept in a file that people can read and correct.
public struct YankList: Sendable, Hashable {
  /// Why and when a package was yanked.
  public struct Yank: Sendable, Hashable {
    /// The operator's words.
    public let reason: String
    /// When, as RFC 3339 spells it.
    public let time: String
    /// The digest of the package that was yanked; nil in lists of earlier versions, which mean a name.
    public let sha256: Digest?

    /// Whether a package of this digest is meant.
    func concerns(_ sha256: Digest?) -> Bool { self.sha256 == nil || self.sha256 == sha256 }
  }

  /// The yanked packages.
  public internal(set) var packages: [PackageLocation: Yank] = [:]

  init() {}

  /// The list of a channel; an empty one when nothing was ever yanked.
  ///
  /// - Throws: ``ChannelError`` when the file cannot be read: what is yanked must not come back
  ///   because of a slip.
  public init(of layout: ChannelLayout) throws(ChannelError) {
    let path = layout.yanks
    let contents: [UInt8]?
    do throws(Errno) {
      contents = try Descriptor.contents(of: path)
    } catch {
      throw ChannelError(path, "cannot be read: \(error)")
    }
    guard let contents else { return }
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONReader.value(in: contents)
    } catch {
      throw ChannelError(path, "cannot be understood: \(error)")
    }
    guard let members = document.object?["packages"]?.object?.members else {
      throw ChannelError(path, "cannot be understood: it has no object \"packages\"")
    }
    for member in members {
      guard let location = PackageLocation(member.name) else {
        throw ChannelError(path, "\"\(member.name)\" is not a package's path: subdir/file")
      }
      packages[location] = Yank(
        reason: member.value.object?["reason"]?.string ?? "",
        time: member.value.object?["yanked_at"]?.string ?? "",
        sha256: member.value.object?["sha256"]?.string.flatMap(Digest.init(hexadecimal:)))
    }
  }

  /// The packages of one subdir.
  func archives(in subdir: Platform) -> [ArchiveName: Yank] {
    Dictionary(
      uniqueKeysWithValues: packages.filter { $0.key.subdir == subdir }
        .map { ($0.key.archive, $0.value) })
  }

  /// The list's file, a line a package: people read it, and tools that compare lines.
  var bytes: [UInt8] {
    var writer = JSONWriter()
    writer.raw("{\"packages\":{")
    for (index, package) in packages.sorted(by: { $0.key < $1.key }).enumerated() {
      writer.raw(index == 0 ? "\n" : ",\n")
      writer.write(package.key.description)
      writer.raw(": ")
      var yank: JSONObject = [
        "reason": .string(package.value.reason), "yanked_at": .string(package.value.time),
      ]
      yank["sha256"] = package.value.sha256.map { .string($0.description) }
      writer.write(yank)
    }
    writer.raw("\n}}\n")
    return writer.bytes
  }
}
