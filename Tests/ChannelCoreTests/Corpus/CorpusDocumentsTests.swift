import ChannelCore
import Support
import SystemPackage
import Testing

/// The documents beside the index, over real packages, compared with those that conda-index makes.
@Suite(.enabled(if: Corpus.directory != nil))
struct CorpusDocumentsTests {
  private static let channel = Result { () throws -> TestChannel in
    let channel = try TestChannel()
    let source = try #require(Corpus.directory).appending("channel")
    for subdir in try source.entryNames() {
      for name in try source.appending(subdir).entryNames() where ArchiveName(name) != nil {
        let bytes = try source.appending(subdir).appending(name).readBytes()
        try channel("\(subdir)/\(name)").write(bytes)
      }
    }
    try channel.index { $0.documents.currentRepodata = true }
    return channel
  }

  private func expected(_ path: String) throws -> JSONObject {
    let root = try #require(Corpus.directory).appending("expected").appending("conda-index")
    let file = root.appending(FilePath(path).components)
    return try #require(try JSONReader.value(in: file.readBytes()).object)
  }

  @Test func `current_repodata lists what conda-index lists, record by record`() throws {
    let channel = try Self.channel.get()
    var compared = 0
    for subdir in ["linux-32", "linux-64", "noarch", "osx-64", "osx-arm64", "win-32", "win-64"] {
      let path = "\(subdir)/current_repodata.json"
      let (ours, theirs) = (try channel.json(path), try expected(path))
      for map in ["packages", "packages.conda"] {
        let (left, right) = (ours[map]?.object?.members ?? [], theirs[map]?.object?.members ?? [])
        #expect(left.map(\.name) == right.map(\.name))
        for (own, other) in zip(left, right) {
          compared += 1
          #expect(plain(own.value) == plain(other.value), "\(subdir)/\(own.name)")
        }
      }
    }
    #expect(compared > 300)
  }

  /// A record without what conda-index does not write, times of appearance, and what it alone does: a
  /// twin's digest that is `null` because there is no twin.
  private func plain(_ record: JSONValue) -> JSONObject? {
    var record = record.object
    record?["indexed_timestamp"] = nil
    if record?["legacy_bz2_md5"] == .null { record?["legacy_bz2_md5"] = nil }
    return record
  }

  // MARK: channeldata

  /// Why a value differs from conda-index's.
  private enum Reason {
    /// Theirs is the time of the group that it came to last; the newest of all is what CEP 38 asks for.
    static let newest = "the newest time of all packages"
    /// The recipe of an old package lies behind gigabytes to unpack, possibly, and is left there.
    static let behind = "behind the payload of a .tar.bz2"
    /// Several sources, of which conda-index lists none, or a recipe that it cannot read as a whole.
    static let more = "addresses that conda-index does not find"
    /// The lines as they were written, where conda-index makes one of them.
    static let lines = "in its lines"
    /// The build that is newest, where conda-index takes the one that it came to last.
    static let newestBuild = "of the newest build"
  }

  private static func reason(
    _ name: String, _ field: String, _ ours: JSONValue?, _ theirs: JSONValue?
  )
    -> String?
  {
    switch field {
    case "timestamp":
      return (ours?.integer ?? 0) > (theirs?.integer ?? 0) ? Reason.newest : nil
    case "description":
      let line = ours?.string?.split(separator: "\n", omittingEmptySubsequences: false)
        .joined(separator: " ")
      return line == theirs?.string ? Reason.lines : nil
    case "source_url" where ours == nil: return Reason.behind
    case "source_url" where theirs == nil: return Reason.more
    case "source_url" where name == "ca-certificates": return Reason.newestBuild
    default: return nil
    }
  }

  @Test func `channeldata says what conda-index says, and each difference has its reason`() throws {
    let ours = try Self.channel.get().json("channeldata.json")
    let theirs = try expected("channeldata.json")
    let packages = try #require(ours["packages"]?.object)
    var counts: [String: Int] = [:]
    for member in try #require(theirs["packages"]?.object).members {
      let (own, other) = (packages[member.name]?.object, member.value.object)
      let fields = Set((own?.members ?? []).map(\.name) + (other?.members ?? []).map(\.name))
      for field in fields.sorted() where own?[field] != other?[field] {
        let reason = Self.reason(member.name, field, own?[field], other?[field])
        counts["\(field): \(reason ?? "no reason (\(member.name))")", default: 0] += 1
      }
    }
    #expect(
      counts == [
        "timestamp: \(Reason.newest)": 45, "source_url: \(Reason.behind)": 35,
        "source_url: \(Reason.more)": 6, "source_url: \(Reason.newestBuild)": 1,
        "description: \(Reason.lines)": 20,
      ])
    // Two names lie in subdirs that conda-index passes over without a word.
    let others = Set(packages.members.map(\.name))
      .subtracting(theirs["packages"]?.object?.members.map(\.name) ?? [])
    #expect(others == ["arch-package", "virtualdep-package"])
    let subdirs = Set(ours["subdirs"]?.strings ?? []).subtracting(theirs["subdirs"]?.strings ?? [])
    #expect(subdirs == ["linux-fake", "osx-fake", "win-fake"])
  }
}
