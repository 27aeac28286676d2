internal import ArgumentParser
internal import ChannelHTTP

/// What is known of the clients of a channel.
struct ClientArguments: ParsableArguments {
  /// Whom the sharded index is for.
  enum Shards: String, ExpressibleByArgument, CaseIterable {
    case all
    case notMamba = "not-mamba"
    case off
  }

  @Option(
    help: ArgumentHelp(
      """
      Who gets the index of shards. mamba takes a day to see a new package there, and a moment \
      where it finds none.
      """))
  var shards = Shards.all

  func apply(to configuration: inout ServerConfiguration) {
    configuration.expectedMisses = Self.expectedMisses
    let index = "repodata_shards.msgpack.zst"
    configuration.concealments =
      switch shards {
      case .all: []
      // Both programs are one, but older ones called themselves differently.
      case .notMamba: [Concealment(of: index, from: ["mamba/", "micromamba/"])]
      case .off: [Concealment(of: index)]
      }
  }

  /// What clients ask for in case it is there, and do without where it is not.
  ///
  /// The index itself is not among them: without it in noarch there is no channel.
  private static let expectedMisses = [
    // One after the other, until one is found.
    "repodata_shards.msgpack.zst", "repodata.json.zst", "repodata.json.bz2", "repodata.jlap",
    "current_repodata.json", "current_repodata.json.zst", "current_repodata.json.bz2",
    "run_exports.json", "run_exports.json.zst", "notices.json", "channeldata.json",
    "channeldata.json.zst", "patch_instructions.json",
    // By every browser, and by those who look through sites.
    "favicon.ico", "robots.txt", "apple-touch-icon.png", "apple-touch-icon-precomposed.png",
  ]
}
