/// All that the documents of a channel as a whole are made from.
struct ChannelContents: Sendable {
  /// One subdir's part.
  struct Subdir: Sendable {
    let platform: Platform
    /// The packages in the order of their file names, as the operator amended them.
    let packages: [ListedPackage]
  }

  /// The subdirs in alphabetical order, those without packages too.
  let subdirs: [Subdir]
}
