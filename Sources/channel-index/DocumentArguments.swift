internal import ArgumentParser
internal import ChannelCore
internal import SystemPackage

/// The options that say which documents a channel publishes.
struct DocumentArguments: ParsableArguments {
  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Publish repodata.json.zst and its like. (default: yes)")
  var zst: Bool?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Publish current_repodata.json, for conda's classic solver. (default: no)")
  var currentRepodata: Bool?

  @Option(
    help: ArgumentHelp(
      "Keep these versions in it beside the newest: name: [versions], in YAML or .json.",
      valueName: "file"))
  var pins: String?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Publish repodata.json.bz2. (default: no)")
  var bz2: Bool?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Publish sharded repodata. (default: yes)")
  var shards: Bool?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Publish run_exports.json. (default: yes)")
  var runExports: Bool?

  @Flag(
    name: .customLong("channeldata"), inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Publish channeldata.json, and the packages' icons. (default: yes)")
  var channelData: Bool?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Publish index.html, a page for people, where channeldata.json is. (default: yes)")
  var homePage: Bool?

  @Option(help: "What that page calls the channel. (default: the last part of its URL)")
  var title: String?

  @Option(
    help: ArgumentHelp(
      "Publish rss.xml, for a channel that clients find at this URL.", valueName: "url"))
  var channelURL: String?

  @Option(
    help: ArgumentHelp(
      "Publish the notices in this file, which clients show.", valueName: "file"))
  var notices: String?

  @Option(
    help: ArgumentHelp(
      "Tell clients to load this channel too, with higher priority.", valueName: "../name"))
  var base: String?

  @Option(
    help: ArgumentHelp(
      "Tell clients to load this channel too, with lower priority.", valueName: "../name"))
  var overrides: String?

  @Option(
    help: ArgumentHelp(
      "Keep shards for so long after the last index that named them. (default: 7)",
      valueName: "days"))
  var shardGrace: Double?

  @Option(
    help: ArgumentHelp(
      "Tell clients that the packages lie at this URL, in subdirs as here.", valueName: "url"))
  var baseURL: String?

  func validate() throws {
    if let baseURL { try validate(baseURL, of: "--base-url") }
    if let channelURL { try validate(channelURL, of: "--channel-url") }
    if let shardGrace, !(0...36_500).contains(shardGrace) {
      throw ValidationError("--shard-grace takes days from 0 to 36500.")
    }
  }

  private func validate(_ url: String, of option: String) throws {
    guard DocumentOptions.isBaseURL(url) else {
      throw ValidationError("\(option) takes a URL without query and fragment.")
    }
  }

  /// Changes what was asked for; files that are named are read.
  func apply(to options: inout DocumentOptions) throws {
    if let zst { options.zstandard = zst }
    if let bz2 { options.bzip2 = bz2 }
    if let shards { options.shards = shards }
    if let runExports { options.runExports = runExports }
    if let channelData { options.channelData = channelData }
    if let currentRepodata { options.currentRepodata = currentRepodata }
    if let channelURL { options.channelURL = channelURL }
    if let homePage { options.homePage = homePage }
    if let title { options.title = title }
    if let shardGrace { options.shardGrace = Int(shardGrace * 24 * 60 * 60) }
    if let baseURL { options.baseURL = baseURL }
    do {
      options.relations = try ChannelRelations(
        base: base ?? options.relations.base, overrides: overrides ?? options.relations.overrides)
    } catch {
      throw ValidationError("--base and --overrides: \(error).")
    }
    if pins != nil, !options.currentRepodata {
      throw ValidationError("--pins is for --current-repodata.")
    }
    do {
      if let pins { options.pins = try VersionPins(contentsOf: FilePath(pins)) }
      if let notices { options.notices = try Notices(contentsOf: FilePath(notices)) }
    } catch {
      throw ValidationError("\(error)")
    }
  }
}
