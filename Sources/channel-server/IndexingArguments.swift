internal import ArgumentParser

/// Whether the server keeps the indexes of what it serves.
struct IndexingArguments: ParsableArguments {
  @Flag(
    help: """
      Index every folder as a channel, now and whenever a package comes or goes, as channel-index \
      --watch does.
      """)
  var indexOnChange = false
}
