internal import ArgumentParser
internal import ChannelHTTP
internal import ChannelSite
internal import SystemPackage

/// The options that say who is known, and what they may do.
struct IdentityArguments: ParsableArguments {
  @Option(
    help: "The file of the tokens that \"channel-server token\" hands out.",
    completion: .file())
  var tokens: String?

  @Option(
    help: "A file of users who may read, as htpasswd -B writes it; may be repeated.",
    completion: .file())
  var htpasswd: [String] = []

  @Option(
    help: "The same for users who may publish, too; may be repeated.", completion: .file())
  var htpasswdPublish: [String] = []

  @Flag(help: "Let nobody read who does not say who they are.")
  var requireToken = false

  private var hasIdentities: Bool {
    tokens != nil || !htpasswd.isEmpty || !htpasswdPublish.isEmpty
  }

  /// Puts what was asked for between requests and files.
  func apply(to configuration: inout ServerConfiguration) throws {
    // Not when it is validated: what is missing may stand in a file.
    if requireToken, !hasIdentities {
      throw ValidationError("--require-token lets nobody in without --tokens or --htpasswd.")
    }
    guard hasIdentities else { return }
    let sources = Identities.Sources(
      tokens: tokens.map { TokenFile(FilePath($0)) },
      passwords: htpasswd.map { PasswordFile(FilePath($0), right: .read) }
        + htpasswdPublish.map { PasswordFile(FilePath($0), right: .publish) })
    let identities = try Identities(sources, logger: configuration.logger)
    configuration.authenticator =
      AccessControl(identities, requiresIdentity: requireToken).authenticator
    if requireToken { configuration.cachePolicy = configuration.cachePolicy.forPrivateUse }
  }
}
