internal import CLinux
internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// A listening TCP socket, one of those that share a port.
final class Listener: Sendable {
  private let descriptor: Descriptor
  let port: UInt16

  var socket: FileDescriptor { descriptor.raw }

  /// An address to listen on.
  struct Address: Sendable {
    fileprivate var storage: sockaddr_storage
    fileprivate var length: socklen_t
    fileprivate var family: CInt

    /// The addresses that `host` names; those of the whole machine when it is nil.
    static func resolve(_ host: String?, port: UInt16) throws(ServerError) -> [Address] {
      guard let host else { return [.any(port: port, AF_INET6), .any(port: port, AF_INET)] }
      var hints = addrinfo()
      hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
      hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
      var list: UnsafeMutablePointer<addrinfo>?
      let result = getaddrinfo(host, String(port), &hints, &list)
      guard result == 0 else {
        throw ServerError(.address, host, String(cString: gai_strerror(result)))
      }
      defer { freeaddrinfo(list) }
      var addresses: [Address] = []
      var next = list
      while let info = next?.pointee {
        next = info.ai_next
        guard let source = info.ai_addr else { continue }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
          $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: Int(info.ai_addrlen)))
        }
        addresses.append(
          Address(storage: storage, length: info.ai_addrlen, family: info.ai_family))
      }
      return addresses
    }

    private static func any(port: UInt16, _ family: CInt) -> Address {
      var storage = sockaddr_storage()
      storage.ss_family = sa_family_t(family)
      // The port lies at the same place in both families' addresses.
      withUnsafeMutableBytes(of: &storage) {
        $0.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
      }
      let length =
        family == AF_INET6
        ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
      return Address(storage: storage, length: socklen_t(length), family: family)
    }

    func with(port: UInt16) -> Address {
      var copy = self
      withUnsafeMutableBytes(of: &copy.storage) {
        $0.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
      }
      return copy
    }

    var isAnyIPv6: Bool {
      guard family == AF_INET6 else { return false }
      return withUnsafeBytes(of: storage) { $0[8..<24].allSatisfy { $0 == 0 } }
    }
  }

  /// Binds and listens.
  ///
  /// The first socket of a port insists that nobody else has it: the kernel would let any two
  /// servers of one user share it, and each would get half of the other's clients.
  init(_ address: Address, isFirst: Bool) throws(Errno) {
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = try systemCall { Glibc.socket(address.family, kind, 0) }
    let descriptor = Descriptor(owning: raw)
    try Self.set(raw, SOL_SOCKET, SO_REUSEADDR, 1)
    if !isFirst { try Self.set(raw, SOL_SOCKET, SO_REUSEPORT, 1) }
    if address.family == AF_INET6 {
      try Self.set(raw, CInt(IPPROTO_IPV6), IPV6_V6ONLY, address.isAnyIPv6 ? 0 : 1)
    }
    var storage = address.storage
    var length = address.length
    let port = try withUnsafeMutablePointer(to: &storage) { (pointer) throws(Errno) in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (name) throws(Errno) in
        _ = try systemCall { bind(raw, name, length) }
        _ = try systemCall { getsockname(raw, name, &length) }
      }
      return UnsafeRawPointer(pointer).load(fromByteOffset: 2, as: UInt16.self)
    }
    if isFirst { try Self.set(raw, SOL_SOCKET, SO_REUSEPORT, 1) }
    // Connections inherit it: no response waits for the acknowledgement of the one before.
    try Self.set(raw, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
    _ = clinux_defer_accept(raw, 5)
    _ = try systemCall { listen(raw, 4096) }
    self.port = UInt16(bigEndian: port)
    self.descriptor = descriptor
  }

  private static func set(
    _ socket: CInt, _ level: CInt, _ option: CInt, _ value: CInt
  ) throws(Errno) {
    var value = value
    _ = try systemCall {
      setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
  }

  /// Takes the next connection that waits, with its peer's address; nil when none does.
  func accept(withPeer: Bool) throws(Errno) -> Accepted? {
    let flags = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let listening = descriptor.raw.rawValue
    do {
      let raw = try withUnsafeMutablePointer(to: &storage) { (pointer) throws(Errno) in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (name) throws(Errno) in
          try systemCall { clinux_accept4(listening, name, &length, flags) }
        }
      }
      return Accepted(
        socket: Descriptor(owning: raw), peer: withPeer ? Self.text(of: storage, length) : [])
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

  private static func text(of address: sockaddr_storage, _ length: socklen_t) -> [UInt8] {
    var address = address
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        getnameinfo(name, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
      }
    }
    guard result == 0 else { return [ASCII.minus] }
    let text = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    // An IPv4 client of a socket that listens for both.
    let mapped = Array("::ffff:".utf8)
    return text.starts(with: mapped) && text.contains(ASCII.dot)
      ? Array(text.dropFirst(mapped.count)) : text
  }
}
