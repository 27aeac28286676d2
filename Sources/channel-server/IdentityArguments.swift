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

  @Option(
    help: ArgumentHelp("The largest package that may be published.", valueName: "size"),
    transform: Self.size)
  var maxUpload = Publishing.Limits().upload

  @Option(
    help: "A file for who changed what and who was turned away, as JSON lines.",
    completion: .file())
  var auditLog: String?

  private var hasIdentities: Bool {
    tokens != nil || !htpasswd.isEmpty || !htpasswdPublish.isEmpty
  }

  /// Puts what was asked for between requests and what is served.
  ///
  /// Where nobody is known, nobody may change anything.
  func apply(to configuration: inout ServerConfiguration) throws {
    // Not when it is validated: what is missing may stand in a file.
    if requireToken, !hasIdentities {
      throw ValidationError("--require-token lets nobody in without --tokens or --htpasswd.")
    }
    guard hasIdentities else { return }
    let folders = configuration.mounts.map {
      ServedFolder(path: $0.path, root: FilePath($0.root))
    }
    let logger = configuration.logger
    let sources = Identities.Sources(
      tokens: tokens.map { TokenFile(FilePath($0)) },
      passwords: htpasswd.map { PasswordFile(FilePath($0), right: .read) }
        + htpasswdPublish.map { PasswordFile(FilePath($0), right: .publish) })
    let identities = try Identities(
      sources, activities: Observation.shared.activities, logger: logger)
    if let drop = configuration.afterBinding {
      configuration.afterBinding = { () throws(ServerError) in
        try drop()
        // Who could read the files before need not be who follows their changes.
        do throws(SiteError) {
          try identities.verify()
        } catch {
          throw ServerError(.path, error.path.string, error.reason)
        }
      }
    }
    let audit = auditLog.map { AuditLog(FilePath($0), logger: logger) }
    configuration.authenticator =
      AccessControl(
        identities, requiresIdentity: requireToken, onRefusal: { audit?.noteRefusal($0, $1, $2) }
      ).authenticator
    if requireToken { configuration.cachePolicy = configuration.cachePolicy.forPrivateUse }
    var limits = Publishing.Limits()
    limits.upload = maxUpload
    let publishing = Publishing(
      folders, by: PublishingService.shared.publishers, identities: identities, limits: limits,
      audit: audit, logger: logger)
    PublishingService.shared.current = publishing
    configuration.uploads += publishing.routes
  }

  private static func size(_ text: String) throws -> Int {
    guard let size = ByteCount(text) else {
      throw ValidationError("must be a size such as 500M or 4G")
    }
    return size.bytes
  }
}
