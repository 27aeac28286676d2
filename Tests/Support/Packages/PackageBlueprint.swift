/// A package to be built in memory: what its metadata says and what it installs.
///
/// Both formats come out valid and byte for byte the same every time. To build something broken,
/// take `infoMembers()`, `tarMembers(order:prefix:)` or `condaMembers()`, change what they return,
/// and hand it to `TarFile` or `ZipFile`.
package struct PackageBlueprint: Sendable {
  package var name: String
  package var version: String
  package var build: String
  package var buildNumber: Int
  package var subdir: String
  package var depends: [String]
  /// Further members of `info/index.json`: key to JSON text.
  ///
  /// A key that the blueprint writes itself is replaced, so `["depends": "null"]` is possible.
  package var indexFields: [String: String] = [:]
  /// The members of `info/about.json`: key to JSON text.
  package var about: [String: String] = [:]
  /// The JSON text of `info/run_exports.json`; no such file when nil.
  package var runExports: String?
  /// What is installed, paths relative to the environment.
  package var payload: [ArchiveMember] = []
  /// Further files with full names such as `info/recipe/meta.yaml`.
  ///
  /// One that has the name of a generated file replaces it.
  package var extraInfo: [ArchiveMember] = []

  package init(
    _ name: String, version: String = "1.0", build: String = "0", buildNumber: Int = 0,
    subdir: String = "noarch", depends: [String] = []
  ) {
    self.name = name
    self.version = version
    self.build = build
    self.buildNumber = buildNumber
    self.subdir = subdir
    self.depends = depends
  }

  /// The file name without its extension.
  package var stem: String { "\(name)-\(version)-\(build)" }

  package var condaFileName: String { stem + ".conda" }
  package var tarBz2FileName: String { stem + ".tar.bz2" }
}

// MARK: - The two formats

extension PackageBlueprint {
  /// Where a `.tar.bz2` keeps its metadata; readers may not rely on any of these.
  package enum MemberOrder: Sendable, Hashable, CaseIterable {
    /// All of `info/`, then the payload.
    case infoFirst
    /// `info/index.json`, the payload, then the rest of `info/`.
    case indexFirst
    /// The payload, then `info/`.
    case infoLast
  }

  /// The bytes of a valid `.conda`.
  package func conda() throws(ArchiveWritingError) -> [UInt8] {
    try ZipFile.bytes(of: try condaMembers())
  }

  /// The bytes of a valid `.tar.bz2`; a `prefix` of `./` is what `tar c .` writes.
  package func tarBz2(
    order: MemberOrder = .infoFirst, prefix: String = ""
  ) throws(ArchiveWritingError) -> [UInt8] {
    try TarFile.bytes(of: tarMembers(order: order, prefix: prefix), compression: .bzip2)
  }

  /// The three ZIP members of a `.conda`: `metadata.json`, the payload, the metadata.
  package func condaMembers() throws(ArchiveWritingError) -> [ArchiveMember] {
    [
      ArchiveMember("metadata.json", text: #"{"conda_pkg_format_version": 2}"#),
      ArchiveMember(
        "pkg-\(stem).tar.zst", try TarFile.bytes(of: payload, compression: .zstandard)),
      ArchiveMember(
        "info-\(stem).tar.zst", try TarFile.bytes(of: infoMembers(), compression: .zstandard)),
    ]
  }

  /// The tar members of a `.tar.bz2`.
  package func tarMembers(order: MemberOrder = .infoFirst, prefix: String = "") -> [ArchiveMember] {
    let info = infoMembers()
    let members: [ArchiveMember]
    switch order {
    case .infoFirst: members = info + payload
    case .infoLast: members = payload + info
    case .indexFirst:
      let index = Array("info/index.json".utf8)
      members = info.filter { $0.name == index } + payload + info.filter { $0.name != index }
    }
    return members.map {
      var member = $0
      member.name = prefix.utf8 + member.name
      return member
    }
  }
}
