internal import SystemPackage

/// One of the addresses that a server was told to listen on, and its sockets.
struct Listening: Sendable {
  let wanted: ListenAddress
  /// The address with the port that it has come to.
  let actual: ListenAddress
  /// The sockets of each loop.
  let sockets: [[Listener]]

  /// Listens on `address`, for so many loops.
  init(on address: ListenAddress, loops: Int) throws(ServerError) {
    wanted = address
    switch address {
    case .tcp(let host, let port):
      sockets = try Self.bind(host, port, loops: loops)
      actual = .tcp(host: host, port: sockets.first?.first?.address.port ?? port)
    case .unix(let path, let mode):
      sockets = Self.share(try Listener(path: FilePath(path), mode: mode), among: loops)
      actual = address
    case .inherited(let descriptor):
      let listener = try Listener(inherited: descriptor)
      sockets = Self.share(listener, among: loops)
      actual =
        if let path = listener.address.path {
          .unix(path: path)
        } else {
          .tcp(
            host: String(decoding: listener.address.text, as: UTF8.self),
            port: listener.address.port)
        }
    }
  }

  /// The kernel spreads the connections to a TCP port over sockets of its own for each loop; the
  /// connections to any other socket go to whichever loop wakes first.
  private static func share(_ listener: Listener, among loops: Int) -> [[Listener]] {
    Array(repeating: [listener], count: loops)
  }

  private static func bind(
    _ host: String?, _ port: UInt16, loops: Int
  ) throws(ServerError) -> [[Listener]] {
    var port = port
    var groups = [[Listener]](repeating: [], count: loops)
    var failure = Errno.addressNotAvailable
    for address in try SocketAddress.resolve(host, port: port) {
      var address = address
      do throws(Errno) {
        for loop in 0..<loops {
          address.port = port
          let listener = try Listener(address, isFirst: loop == 0)
          port = listener.address.port
          groups[loop].append(listener)
        }
      } catch {
        // A machine without IPv6 still has its IPv4 addresses.
        guard error == .addressFamilyNotSupported || error == .addressNotAvailable else {
          throw ServerError(.address, "\(ListenAddress.tcp(host: host, port: port))", "\(error)")
        }
        failure = error
        continue
      }
      // One socket takes both families.
      if address.isAnyIPv6 { break }
    }
    if groups[0].isEmpty {
      throw ServerError(.address, "\(ListenAddress.tcp(host: host, port: port))", "\(failure)")
    }
    return groups
  }
}
