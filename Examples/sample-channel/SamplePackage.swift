import Support

/// One package of the sample channel and the format it is written in.
struct SamplePackage {
  enum Format {
    case conda, tarBz2
  }

  var blueprint: PackageBlueprint
  var format: Format

  /// Describes a package that installs `payload`.
  init(
    _ name: String, _ version: String, build: String = "0", subdir: String = "noarch",
    format: Format = .conda, depends: [String] = [], summary: String, description: String,
    license: String = "Apache-2.0", builtAt seconds: Int, payload: [ArchiveMember]
  ) {
    blueprint = PackageBlueprint(
      name, version: version, build: build, subdir: subdir, depends: depends)
    blueprint.payload = payload
    blueprint.indexFields["license"] = JSONText.string(license)
    blueprint.indexFields["timestamp"] = "\(seconds)000"
    blueprint.about = [
      "summary": JSONText.string(summary),
      "description": JSONText.string(description),
      "license": JSONText.string(license),
    ]
    if subdir == "noarch" {
      blueprint.indexFields["noarch"] = JSONText.string("generic")
    } else if let (platform, architecture) = Self.machines[subdir] {
      blueprint.indexFields["platform"] = JSONText.string(platform)
      blueprint.indexFields["arch"] = JSONText.string(architecture)
    }
    self.format = format
  }

  /// Where the package lies in a channel.
  var path: String {
    switch format {
    case .conda: "\(blueprint.subdir)/\(blueprint.condaFileName)"
    case .tarBz2: "\(blueprint.subdir)/\(blueprint.tarBz2FileName)"
    }
  }

  func bytes() throws(ArchiveWritingError) -> [UInt8] {
    switch format {
    case .conda: try blueprint.conda()
    case .tarBz2: try blueprint.tarBz2()
    }
  }

  /// What conda-build writes as `platform` and `arch` for a subdir.
  private static let machines = [
    "linux-64": ("linux", "x86_64"),
    "linux-aarch64": ("linux", "aarch64"),
    "osx-arm64": ("osx", "arm64"),
    "win-64": ("win", "x86_64"),
  ]
}
