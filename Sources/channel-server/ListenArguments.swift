import ArgumentParser
import ChannelHTTP

/// Where the server takes connections.
struct ListenArguments: ParsableArguments {
  @Option(
    name: .customLong("host"),
    help: ArgumentHelp(
      "An address or name to listen on; may be repeated. (default: all addresses)",
      valueName: "address"))
  var hosts: [String] = []

  @Option(
    name: .customLong("port"),
    help: ArgumentHelp(
      "A TCP port, of every host; 0 picks a free one; may be repeated. (default: 8080)",
      valueName: "n"))
  var ports: [UInt16] = []

  @Option(
    name: .customLong("listen"),
    help: ArgumentHelp(
      "Listen at HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH; may be repeated.",
      valueName: "address"),
    transform: ListenArguments.address)
  var others: [ListenAddress] = []

  @Option(
    help: ArgumentHelp(
      "Who may connect to unix sockets, as chmod takes it. (default: 666)", valueName: "mode"))
  var socketMode: String?

  func validate() throws {
    if let socketMode, mode == nil {
      throw ValidationError("--socket-mode takes an octal mode like 660, not \"\(socketMode)\".")
    }
  }

  private var mode: UInt32? {
    guard let mode = UInt32(socketMode ?? "666", radix: 8), mode <= 0o777 else { return nil }
    return mode
  }

  /// All that was asked for: every host with every port, and what is given whole.
  ///
  /// `inherited` are sockets that the process was started with; beside them nothing is listened on
  /// that was not asked for.
  func addresses(inherited: [ListenAddress]) -> [ListenAddress] {
    var addresses = inherited
    if !hosts.isEmpty || !ports.isEmpty || others.isEmpty && inherited.isEmpty {
      for host in hosts.isEmpty ? [nil] : hosts.map(Optional.some) {
        addresses += (ports.isEmpty ? [8080] : ports).map { .tcp(host: host, port: $0) }
      }
    }
    return addresses
      + others.map { address in
        guard case .unix(let path, _) = address, let mode else { return address }
        return .unix(path: path, mode: mode)
      }
  }

  /// Reads `HOST:PORT` and what else `--listen` takes.
  static func address(_ text: String) throws -> ListenAddress {
    if text.hasPrefix("unix:") {
      let path = text.dropFirst(5)
      guard !path.isEmpty else { throw ValidationError("unix: takes the path of a socket") }
      return .unix(path: String(path))
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { throw ValidationError("must be HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH") }
    var host = text[..<colon]
    if host.isEmpty || host == "*" { return .tcp(host: nil, port: port) }
    if host.first == "[", host.last == "]" {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw ValidationError("an IPv6 address is written in brackets: [\(host)]:\(port)")
    }
    return .tcp(host: String(host), port: port)
  }
}
