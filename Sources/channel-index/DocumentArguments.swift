internal import ArgumentParser
internal import ChannelCore

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

  @Flag(
    name: .customLong("channeldata"), inversion: .prefixedNo,
    help: "Publish channeldata.json, and the packages' icons.")
  var channelData = true

  @Option(
    help: ArgumentHelp(
      "Keep shards for so long after the last index that named them.", valueName: "days"))
  var shardGrace: Double = 7

  @Option(
    help: ArgumentHelp(
      "Tell clients that the packages lie at this URL, in subdirs as here.", valueName: "url"))
  var baseURL: String?

  func validate() throws {
    if let baseURL { try validate(baseURL: baseURL) }
    guard (0...36_500).contains(shardGrace) else {
      throw ValidationError("--shard-grace takes days from 0 to 36500.")
    }
  }

  private func validate(baseURL: String) throws {
    let isPlain = baseURL.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    guard isPlain, !baseURL.isEmpty, !baseURL.contains(where: { "?#".contains($0) }) else {
      throw ValidationError("--base-url takes a URL without query and fragment.")
    }
  }

  var options: DocumentOptions {
    var options = DocumentOptions()
    options.zstandard = zst
    options.bzip2 = bz2
    options.shards = shards
    options.runExports = runExports
    options.channelData = channelData
    options.shardGrace = Int(shardGrace * 24 * 60 * 60)
    options.baseURL = baseURL
    return options
  }
}
