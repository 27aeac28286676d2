import ChannelCore
import Support
import SystemPackage
import Testing

/// Real packages, and real files that only look like packages.
@Suite(.enabled(if: Corpus.directory != nil))
struct CorpusTests {
  /// A copy, since an index is written beside the packages.
  private func copy(_ folder: String) throws -> TestChannel {
    let channel = try TestChannel()
    let source = try #require(Corpus.directory).appending(FilePath(folder).components)
    for subdir in try source.entryNames() {
      for name in try source.appending(subdir).entryNames() where ArchiveName(name) != nil {
        try channel("\(subdir)/\(name)").write(source.appending(subdir).appending(name).readBytes())
      }
    }
    return channel
  }

  // MARK: Good packages

  /// Where our record differs from conda-index's, by file and field, each with the reason.
  private static let knownDifferences: [String: String] = [:]

  private static let comparedFields = [
    "name", "version", "build", "build_number", "depends", "constrains", "md5", "sha256", "size",
    "subdir", "license", "timestamp", "noarch", "track_features",
  ]

  @Test func `all packages are indexed, and as conda-index does it`() throws {
    let channel = try copy("channel")
    let report = try channel.index()
    #expect(report.failures.isEmpty)
    #expect(report.warnings.isEmpty)
    #expect(report.quarantined.map(\.description) == [])
    #expect(report.subdirs.reduce(0) { $0 + $1.published } == 560)
    for subdir in ["linux-fake", "osx-fake", "win-fake"] {
      #expect(report.subdirs.first { $0.platform.name == subdir }?.published == 8)
    }

    let expected = try #require(Corpus.directory).appending("expected").appending("conda-index")
    var compared = 0
    var differences: [String] = []
    for subdir in try expected.entryNames() {
      let file = expected.appending(subdir).appending("repodata.json")
      guard file.exists else { continue }
      let theirs = try #require(try JSONReader.value(in: file.readBytes()).object)
      let ours = try channel.repodata(subdir)
      for map in ["packages", "packages.conda"] {
        for member in theirs[map]?.object?.members ?? [] {
          let record = ours[map]?.object?[member.name]?.object
          compared += 1
          for field in Self.comparedFields where record?[field] != member.value.object?[field] {
            let place = "\(subdir)/\(member.name) \(field)"
            if Self.knownDifferences[place] == nil { differences.append(place) }
          }
        }
      }
    }
    #expect(differences == [])
    #expect(compared > 500)
  }

  /// Where our run exports differ from conda-index's, by file, each with the reason.
  private static let knownRunExports: [String: String] = [:]

  @Test func `run exports are those that conda-index finds`() throws {
    let channel = try copy("channel")
    try channel.index()
    let expected = try #require(Corpus.directory).appending("expected").appending("conda-index")
    var (compared, withExports) = (0, 0)
    var differences: [String] = []
    for subdir in try expected.entryNames() {
      let file = expected.appending(subdir).appending("run_exports.json")
      guard file.exists else { continue }
      let theirs = try #require(try JSONReader.value(in: file.readBytes()).object)
      let ours = try channel.json("\(subdir)/run_exports.json")
      for map in ["packages", "packages.conda"] {
        let (left, right) = (ours[map]?.object?.members ?? [], theirs[map]?.object?.members ?? [])
        #expect(left.map(\.name) == right.map(\.name))
        for (own, other) in zip(left, right) {
          compared += 1
          if other.value != .object(["run_exports": .object([:])]) { withExports += 1 }
          let place = "\(subdir)/\(own.name)"
          if own.value != other.value, Self.knownRunExports[place] == nil {
            differences.append("\(place): \(own.value), there \(other.value)")
          }
        }
      }
    }
    #expect(differences == [])
    #expect(compared > 500 && withExports > 30)
  }

  // MARK: Files that only look like packages

  /// The files that can be published nevertheless: what is odd about them harms no client.
  private static let goodAmongMalformed: [String: [String]] = [
    "channel": [
      // A tar made with `tar c .`, so that every name begins with "./".
      "noarch/dotslash-test-1.0.0-0.conda",
      // A dependency that is no match spec, of which the report warns.
      "win-64/testfile-0.0.48-py27_0.tar.bz2", "win-64/testfile-0.0.49-py27_0.tar.bz2",
    ],
    "channel2": ["noarch/dotslash-test-1.0.0-0.conda"],
    "channel3": [],
  ]

  @Test(arguments: ["channel", "channel2", "channel3"])
  func `every malformed file is named with a reason and no good one is lost`(
    folder: String
  ) throws {
    let channel = try copy("malformed/\(folder)")
    for _ in 1...2 {
      let report = try channel.index()
      #expect(report.failures.isEmpty)
      var published: [String] = []
      for subdir in report.subdirs.map(\.platform.name) {
        published += try channel.names(in: subdir).map { "\(subdir)/\($0)" }
        let files = try channel(subdir).entryNames().filter { ArchiveName($0) != nil }
        let refused = report.quarantined.map(\.path).filter { $0.starts(with: channel(subdir)) }
          .compactMap { $0.lastComponent?.string }
        #expect(try (refused + channel.names(in: subdir)).sorted() == files)
      }
      #expect(published == Self.goodAmongMalformed[folder])
      for error in report.quarantined {
        #expect(!error.reason.isEmpty)
        #expect(!error.description.contains("\n"))
      }
    }
  }
}
