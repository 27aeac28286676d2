internal import SystemPackage

/// An option that a configuration file can set, under its name on the command line.
struct Setting: Sendable {
  let name: String
  /// Whether each further value is added to those before.
  let isRepeatable: Bool
  /// Takes a value; a path in it is meant from the directory given.
  let apply: @Sendable (String, FilePath, inout IndexOptions) throws(InvalidSetting) -> Void

  /// What must be asked for each time, or concerns one run alone.
  static let commandLineOnly: Set<String> = [
    "allow-empty", "color", "delete", "dry-run", "force", "help", "quiet", "report", "verbose",
    "verify", "watch",
  ]

  static let all: [Setting] = [
    flag("bz2") { $0.documents.bzip2 = $1 },
    flag("channeldata") { $0.documents.channelData = $1 },
    flag("run-exports") { $0.documents.runExports = $1 },
    flag("shards") { $0.documents.shards = $1 },
    flag("zst") { $0.documents.zstandard = $1 },
    flag("current-repodata") { $0.documents.currentRepodata = $1 },
    file("pins") { (path, options) throws(ChannelError) in
      options.documents.pins = try VersionPins(contentsOf: path)
    },
    flag("home-page") { $0.documents.homePage = $1 },
    Setting("title") { $1.documents.title = $0 },
    url("channel-url") { $0.documents.channelURL = $1 },
    file("notices") { (path, options) throws(ChannelError) in
      options.documents.notices = try Notices(contentsOf: path)
    },
    relation("base") { (path, relations) throws(ChannelRelations.Invalid) in
      try ChannelRelations(base: path, overrides: relations.overrides)
    },
    relation("overrides") { (path, relations) throws(ChannelRelations.Invalid) in
      try ChannelRelations(base: relations.base, overrides: path)
    },
    url("base-url") { $0.documents.baseURL = $1 },
    number("shard-grace", "days", 0...36_500) { $0.documents.shardGrace = Int($1 * 86_400) },
    file("patches") { (path, options) throws(ChannelError) in options.patches = path },
    Setting("check", isRepeatable: true) { (value, options) throws(InvalidSetting) in
      let parts = value.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2,
        let check = PackageCheck.allCases.first(where: { $0.name == parts[0] }),
        let level = PackageCheck.Level(rawValue: parts[1])
      else {
        let names = PackageCheck.allCases.map(\.name).joined(separator: ", ")
        throw InvalidSetting(
          reason: "check takes name=level, of the names \(names) and refuse, warn or off")
      }
      options.policy[check] = level
    },
    count("keep-versions") { $0.retention.versions = $1 },
    count("keep-builds") { $0.retention.builds = $1 },
    number("keep-days", "days", 0...36_500) { $0.retention.days = $1 },
    Setting("keep", isRepeatable: true) { (value, options) throws(InvalidSetting) in
      guard let pattern = PackagePattern(value) else {
        throw InvalidSetting(
          reason: "\"\(value)\" names no packages: name-version-build or name=version")
      }
      options.retention.kept.append(pattern)
    },
    Setting("subdir", isRepeatable: true) { (value, options) throws(InvalidSetting) in
      guard let subdir = Platform(value) else {
        throw InvalidSetting(reason: "\"\(value)\" is not a subdir's name")
      }
      options.subdirs = (options.subdirs ?? []) + [subdir]
    },
    count("threads") { $0.threads = $1 },
    number("lock-timeout", "seconds", 0...1e9) { $0.lockTimeout = $1 },
  ]

  private init(
    _ name: String, isRepeatable: Bool = false,
    _ apply: @escaping @Sendable (String, inout IndexOptions) throws(InvalidSetting) -> Void
  ) {
    self.name = name
    self.isRepeatable = isRepeatable
    self.apply = { (value, _, options) throws(InvalidSetting) in try apply(value, &options) }
  }

  private init(
    file name: String,
    _ read: @escaping @Sendable (FilePath, inout IndexOptions) throws(ChannelError) -> Void
  ) {
    self.name = name
    isRepeatable = false
    apply = { (value, directory, options) throws(InvalidSetting) in
      do throws(ChannelError) {
        let path = directory.pushing(FilePath(value))
        options.sources.append(path)
        try read(path, &options)
      } catch {
        throw InvalidSetting(reason: "\(name): \(error)")
      }
    }
  }

  private static func file(
    _ name: String,
    _ read: @escaping @Sendable (FilePath, inout IndexOptions) throws(ChannelError) -> Void
  ) -> Setting {
    Setting(file: name, read)
  }

  private static func relation(
    _ name: String,
    _ declare:
      @escaping @Sendable (String, ChannelRelations) throws(ChannelRelations.Invalid)
      -> ChannelRelations
  ) -> Setting {
    Setting(name) { (value, options) throws(InvalidSetting) in
      do throws(ChannelRelations.Invalid) {
        options.documents.relations = try declare(value, options.documents.relations)
      } catch {
        throw InvalidSetting(reason: "\(name): \(error)")
      }
    }
  }

  private static func url(
    _ name: String, _ set: @escaping @Sendable (inout IndexOptions, String) -> Void
  ) -> Setting {
    Setting(name) { (value, options) throws(InvalidSetting) in
      guard DocumentOptions.isBaseURL(value) else {
        throw InvalidSetting(reason: "\(name) takes a URL without query and fragment")
      }
      set(&options, value)
    }
  }

  private static func flag(
    _ name: String, _ set: @escaping @Sendable (inout IndexOptions, Bool) -> Void
  ) -> Setting {
    Setting(name) { (value, options) throws(InvalidSetting) in
      guard let flag = Bool(value) else {
        throw InvalidSetting(reason: "\(name) takes true or false, not \"\(value)\"")
      }
      set(&options, flag)
    }
  }

  private static func count(
    _ name: String, _ set: @escaping @Sendable (inout IndexOptions, Int) -> Void
  ) -> Setting {
    Setting(name) { (value, options) throws(InvalidSetting) in
      guard let number = Int(value), number >= 1 else {
        throw InvalidSetting(reason: "\(name) takes a number from 1, not \"\(value)\"")
      }
      set(&options, number)
    }
  }

  private static func number(
    _ name: String, _ unit: String, _ range: ClosedRange<Double>,
    _ set: @escaping @Sendable (inout IndexOptions, Double) -> Void
  ) -> Setting {
    Setting(name) { (value, options) throws(InvalidSetting) in
      guard let number = Double(value), range.contains(number) else {
        throw InvalidSetting(
          reason: "\(name) takes \(unit) from \(Int(range.lowerBound)) to \(Int(range.upperBound)),"
            + " not \"\(value)\"")
      }
      set(&options, number)
    }
  }
}

extension DocumentOptions {
  /// Whether clients can take a text for the URL of a channel.
  public static func isBaseURL(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
      && !text.contains { "?#".contains($0) }
  }
}
