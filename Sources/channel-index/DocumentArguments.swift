internal import ArgumentParser
internal import ChannelCore
internal import SystemPackage

/// The options that say which documents a channel publishes.
struct DocumentArguments: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Publish repodata.json.zst and its like.")
  var zst = true

  @Flag(inversion: .prefixedNo, help: "Publish repodata.json.bz2.")
  var bz2 = false

  @Flag(inversion: .prefixedNo, help: "Publish sharded repodata.")
  var shards = true

  @Flag(inversion: .prefixedNo, help: "Publish run_exports.json.")
  var runExports = true

  @Flag(inversion: .prefixedNo, help: "Publish current_repodata.json, for conda's classic solver.")
  var currentRepodata = false

  @Option(
    help: ArgumentHelp(
      "Keep these versions in it beside the newest: name: [versions], in YAML or .json.",
      valueName: "file"))
  var pins: String?

  @Flag(
    name: .customLong("channeldata"), inversion: .prefixedNo,
    help: "Publish channeldata.json, and the packages' icons.")
  var channelData = true

  @Flag(
    inversion: .prefixedNo,
    help: "Publish index.html, a page for people, where channeldata.json is published.")
  var homePage = true

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
      "Keep shards for so long after the last index that named them.", valueName: "days"))
  var shardGrace: Double = 7

  @Option(
    help: ArgumentHelp(
      "Tell clients that the packages lie at this URL, in subdirs as here.", valueName: "url"))
  var baseURL: String?

  func validate() throws {
    if let baseURL { try validate(baseURL, of: "--base-url") }
    if let channelURL { try validate(channelURL, of: "--channel-url") }
    if pins != nil, !currentRepodata {
      throw ValidationError("--pins is for --current-repodata.")
    }
    _ = try relations
    guard (0...36_500).contains(shardGrace) else {
      throw ValidationError("--shard-grace takes days from 0 to 36500.")
    }
  }

  private func validate(_ url: String, of option: String) throws {
    let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    guard isPlain, !url.isEmpty, !url.contains(where: { "?#".contains($0) }) else {
      throw ValidationError("\(option) takes a URL without query and fragment.")
    }
  }

  private var relations: ChannelRelations {
    get throws {
      do {
        return try ChannelRelations(base: base, overrides: overrides)
      } catch {
        throw ValidationError("--base and --overrides: \(error).")
      }
    }
  }

  /// The options, with the files that they name read.
  func options() throws -> DocumentOptions {
    var options = DocumentOptions()
    options.zstandard = zst
    options.bzip2 = bz2
    options.shards = shards
    options.runExports = runExports
    options.channelData = channelData
    options.currentRepodata = currentRepodata
    options.relations = try relations
    options.channelURL = channelURL
    do {
      if let pins { options.pins = try VersionPins(contentsOf: FilePath(pins)) }
      if let notices { options.notices = try Notices(contentsOf: FilePath(notices)) }
    } catch {
      throw ValidationError("\(error)")
    }
    options.homePage = homePage
    options.title = title
    options.shardGrace = Int(shardGrace * 24 * 60 * 60)
    options.baseURL = baseURL
    return options
  }
}
