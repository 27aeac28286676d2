import ArgumentParser
import ChannelHTTP
import SystemPackage

/// What is served, and how.
struct ServerArguments: ParsableArguments {
  @OptionGroup
  var mounts: MountArguments

  @OptionGroup
  var listeners: ListenArguments

  @OptionGroup
  var privileges: PrivilegeArguments

  @Option(help: "The number of event loops. (default: one a core)")
  var threads: Int?

  @Option(help: "A file for the access log, '-' for standard output, or 'off'.")
  var accessLog = "-"

  @Option(
    help: "How a request is noted: common, combined or json. (default: combined)",
    transform: Self.accessLogFormat)
  var accessLogFormat = AccessLogFormat.combined

  @Option(help: "Open connections; beyond them the one idle longest makes room.")
  var maxConnections = ServerLimits().connections

  @Option(help: "Seconds that all that is under way is given when the server stops.")
  var drainTimeout = 30

  @OptionGroup
  var indexing: IndexingArguments

  @OptionGroup(title: "Clients")
  var clients: ClientArguments

  @OptionGroup(title: "Access")
  var access: AccessArguments

  @OptionGroup(title: "Identities and publishing")
  var identities: IdentityArguments

  @OptionGroup(title: "Metrics")
  var metrics: MetricsArguments

  private static func accessLogFormat(_ name: String) throws -> AccessLogFormat {
    guard let format = AccessLogFormat(rawValue: name) else {
      throw ValidationError("must be common, combined or json")
    }
    return format
  }

  /// What holds as long as the process lives, by the names of the options.
  var fixed: [String: String] {
    [
      "threads": threads.map { "\($0)" } ?? "", "user": privileges.user ?? "",
      "group": privileges.group ?? "", "download-counts": metrics.downloadCounts ?? "",
    ]
  }

  /// The server that was asked for.
  ///
  /// `inherited` are listening sockets that the process was started with.
  func configuration(inherited: [ListenAddress]) throws -> ServerConfiguration {
    var configuration = ServerConfiguration(mounts: try mounts.all())
    configuration.listeners = listeners.addresses(inherited: inherited)
    if let user = privileges.user {
      configuration.afterBinding = try Privileges(user: user, group: privileges.group).drop
    }
    configuration.threads = threads
    configuration.accessLogFormat = accessLogFormat
    configuration.accessLog =
      switch accessLog {
      case "-": .standardOutput
      case "off": .off
      default: .file(accessLog)
      }
    configuration.responders = HealthChecks.responders(
      roots: configuration.mounts.map { FilePath($0.root) })
    clients.apply(to: &configuration)
    access.apply(to: &configuration)
    try identities.apply(to: &configuration)
    metrics.apply(to: &configuration)
    configuration.limits.connections = maxConnections
    configuration.limits.drainTimeout = .seconds(drainTimeout)
    return configuration
  }
}
