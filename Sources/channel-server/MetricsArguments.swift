internal import ArgumentParser
internal import ChannelHTTP
internal import SystemPackage

/// Where the server's numbers are to be had.
struct MetricsArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Answer /-/metrics on this port of every address, and no longer on the others.",
      valueName: "n"))
  var metricsPort: UInt16?

  @Option(
    help: ArgumentHelp(
      """
      Answer /-/metrics at HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH, and no longer at the other \
      addresses; 'off' for nowhere.
      """, valueName: "address"),
    transform: Self.place)
  var metricsListen: Place?

  @Option(
    help: """
      A file in which to keep how often each package was downloaded, which /-/downloads tells.
      """,
    completion: .file())
  var downloadCounts: String?

  enum Place: Sendable {
    case nowhere
    case address(ListenAddress)
  }

  private static func place(_ text: String) throws -> Place {
    text == "off" ? .nowhere : .address(try ListenArguments.address(text))
  }

  func validate() throws {
    if metricsPort != nil, metricsListen != nil {
      throw ValidationError("--metrics-port and --metrics-listen exclude each other.")
    }
  }

  private var place: Place? {
    metricsListen ?? metricsPort.map { .address(.tcp(host: nil, port: $0)) }
  }

  /// Has a server counted, and its numbers shown by itself unless they are to be shown elsewhere.
  func apply(to configuration: inout ServerConfiguration, _ observation: Observation = .shared) {
    let channels = ServedChannels(
      folders: configuration.mounts.map { .init(at: $0.path, FilePath($0.root)) })
    configuration.downloads = observation.downloadSink(for: channels)
    if case .nowhere = place { return }
    observation.channels = channels
    configuration.metrics = observation.server
    configuration.expectations = observation.sink
    guard place == nil else { return }
    configuration.responders += MetricsPage(observation: observation).responders
  }

  /// What a server for the numbers alone does; nil when the other shows them, or nobody.
  func configuration(
    beside configuration: ServerConfiguration, _ observation: Observation = .shared
  ) -> ServerConfiguration? {
    guard case .address(let address) = place else { return nil }
    var other = ServerConfiguration(root: configuration.mounts.first?.root ?? "/")
    other.listeners = [address]
    other.threads = 1
    other.logger = configuration.logger
    // Beside them it has nothing to show, the files of its root least of all.
    let nothing = Responder(under: "/") { _ in HTTPResponse(404, text: "404 Not Found\n") }
    other.responders =
      configuration.responders + MetricsPage(observation: observation).responders + [nothing]
    return other
  }
}
