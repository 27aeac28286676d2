internal import CLinux
internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// A listening socket.
final class Listener: Sendable {
  private let descriptor: Descriptor
  /// The file that goes with the socket.
  private let file: SocketFile?
  /// The address that it has.
  let address: SocketAddress
  /// Whether several loops take connections from it.
  let isShared: Bool

  var socket: FileDescriptor { descriptor.raw }

  private static let backlog: CInt = 4096

  /// Binds a TCP socket, one of those that share a port, and listens.
  ///
  /// The first socket of a port insists that nobody else has it: the kernel would let any two
  /// servers of one user share it, and each would get half of the other's clients.
  init(_ address: SocketAddress, isFirst: Bool) throws(Errno) {
    let descriptor = try Self.socket(address.family)
    let raw = descriptor.raw.rawValue
    try Self.set(raw, SOL_SOCKET, SO_REUSEADDR, 1)
    if !isFirst { try Self.set(raw, SOL_SOCKET, SO_REUSEPORT, 1) }
    if address.family == AF_INET6 {
      try Self.set(raw, CInt(IPPROTO_IPV6), IPV6_V6ONLY, address.isAnyIPv6 ? 0 : 1)
    }
    _ = try address.withName { (name, length) throws(Errno) in
      try systemCall { bind(raw, name, length) }
    }
    if isFirst { try Self.set(raw, SOL_SOCKET, SO_REUSEPORT, 1) }
    try Self.prepareTCP(raw)
    _ = try systemCall { listen(raw, Self.backlog) }
    self.address = try SocketAddress(of: raw)
    isShared = false
    file = nil
    self.descriptor = descriptor
  }

  /// Makes a socket in the file system, in the place of one that nobody listens on any more.
  init(path: FilePath, mode: UInt32) throws(ServerError) {
    do throws(Errno) {
      try SocketFile.makeWay(at: path)
      let descriptor = try Self.socket(AF_UNIX)
      let raw = descriptor.raw.rawValue
      let file = try SocketFile(replacing: path) { (address, name) throws(Errno) in
        _ = try address.withName { (name, length) throws(Errno) in
          try systemCall { bind(raw, name, length) }
        }
        _ = try name.withCPath { (name) throws(Errno) in
          try systemCall { chmod(name, mode_t(mode)) }
        }
        _ = try systemCall { listen(raw, Self.backlog) }
      }
      address = try SocketAddress(of: raw)
      isShared = true
      self.file = consume file
      self.descriptor = descriptor
    } catch {
      throw ServerError(.address, "unix:\(path)", SocketFile.reason(for: error))
    }
  }

  /// Takes over a socket that listens already.
  init(inherited raw: CInt) throws(ServerError) {
    do throws(Errno) {
      guard try Self.get(raw, SO_ACCEPTCONN) != 0, try Self.get(raw, SO_TYPE) == Self.stream else {
        throw .invalidArgument
      }
      let flags = try systemCall { fcntl(raw, F_GETFL) }
      _ = try systemCall { fcntl(raw, F_SETFL, flags | O_NONBLOCK) }
      _ = try systemCall { fcntl(raw, F_SETFD, FD_CLOEXEC) }
      address = try SocketAddress(of: raw)
      if address.isTCP { try Self.prepareTCP(raw) }
    } catch {
      throw ServerError(.address, "descriptor \(raw)", "is not a listening socket: \(error)")
    }
    isShared = true
    file = nil
    descriptor = Descriptor(owning: raw)
  }

  private static let stream = CInt(SOCK_STREAM.rawValue)

  private static func socket(_ family: CInt) throws(Errno) -> Descriptor {
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    return Descriptor(owning: try systemCall { Glibc.socket(family, kind, 0) })
  }

  /// Sets what connections inherit: no response waits for the acknowledgement of the one before.
  private static func prepareTCP(_ socket: CInt) throws(Errno) {
    try set(socket, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
    _ = clinux_defer_accept(socket, 5)
    _ = clinux_limit_unsent(socket, Pace.unprovenLimit)
  }

  private static func set(
    _ socket: CInt, _ level: CInt, _ option: CInt, _ value: CInt
  ) throws(Errno) {
    var value = value
    _ = try systemCall {
      setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
  }

  private static func get(_ socket: CInt, _ option: CInt) throws(Errno) -> CInt {
    var value: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    _ = try systemCall { getsockopt(socket, SOL_SOCKET, option, &value, &length) }
    return value
  }

  /// Takes the next connection that waits, with its peer's address; nil when none does.
  func accept(withPeer: Bool) throws(Errno) -> Accepted? {
    let flags = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let listening = descriptor.raw.rawValue
    do {
      let (raw, peer) = try SocketAddress.filled { (name, length) throws(Errno) in
        try systemCall { clinux_accept4(listening, name, length, flags) }
      }
      return Accepted(socket: Descriptor(owning: raw), peer: withPeer ? peer.text : [])
    } catch .resourceTemporarilyUnavailable {
      return nil
    }
  }

  /// A new connection.
  struct Accepted: ~Copyable {
    let socket: Descriptor
    /// The client's address as text.
    let peer: [UInt8]

    consuming func takeSocket() -> Descriptor { socket }
  }
}
