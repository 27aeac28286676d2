internal import CLinux
internal import ChannelSystem
internal import Glibc
internal import SystemPackage

/// The address of a socket or of its peer, as the system keeps it.
struct SocketAddress: Sendable {
  private var storage = sockaddr_storage()
  private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  private init() {}

  /// The addresses that `host` names; those of the whole machine when it is nil.
  static func resolve(_ host: String?, port: UInt16) throws(ServerError) -> [SocketAddress] {
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
    var addresses: [SocketAddress] = []
    var next = list
    while let info = next?.pointee {
      next = info.ai_next
      guard let source = info.ai_addr else { continue }
      var address = SocketAddress()
      withUnsafeMutableBytes(of: &address.storage) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: Int(info.ai_addrlen)))
      }
      address.length = info.ai_addrlen
      addresses.append(address)
    }
    return addresses
  }

  private static func any(port: UInt16, _ family: CInt) -> SocketAddress {
    var address = SocketAddress()
    address.storage.ss_family = sa_family_t(family)
    address.port = port
    address.length = socklen_t(
      family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
    return address
  }

  /// Bytes of the longest path that a socket can have.
  static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// The address of a socket in the file system; nil when the path is too long for one.
  init?(path: FilePath) {
    let bytes = Array(path.string.utf8)
    guard bytes.count <= Self.longestPath else { return nil }
    storage.ss_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &storage) {
      $0[MemoryLayout<sa_family_t>.size...].copyBytes(from: bytes)
    }
    length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + 1)
  }

  /// The address that `socket` has itself.
  init(of socket: CInt) throws(Errno) {
    _ = try withMutableName { (name, length) throws(Errno) in
      try systemCall { getsockname(socket, name, length) }
    }
  }

  /// The address of the peer of `socket`; that of nobody when it is gone.
  init(ofPeer socket: CInt) {
    withMutableName { name, length in
      if getpeername(socket, name, length) != 0 { length.pointee = 0 }
    }
  }

  /// Has the system fill in an address.
  static func filled<Value>(
    by body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) throws(Errno) ->
      Value
  ) throws(Errno) -> (value: Value, address: SocketAddress) {
    var address = SocketAddress()
    let value = try address.withMutableName(body)
    return (value, address)
  }

  private mutating func withMutableName<Value, Failure: Error>(
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) throws(Failure) ->
      Value
  ) throws(Failure) -> Value {
    try withUnsafeMutablePointer(to: &length) { (length) throws(Failure) in
      try withUnsafeMutablePointer(to: &storage) { (pointer) throws(Failure) in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (name) throws(Failure) in
          try body(name, length)
        }
      }
    }
  }

  /// The address as calls take it.
  func withName<Value>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Errno) -> Value
  ) throws(Errno) -> Value {
    try withUnsafePointer(to: storage) { (pointer) throws(Errno) in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (name) throws(Errno) in
        try body(name, length)
      }
    }
  }

  var family: CInt { CInt(storage.ss_family) }

  var isTCP: Bool { family == AF_INET || family == AF_INET6 }

  /// The port, which lies at the same place in both families' addresses; zero for others.
  var port: UInt16 {
    get {
      guard isTCP else { return 0 }
      return withUnsafeBytes(of: storage) {
        UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))
      }
    }
    set {
      guard isTCP else { return }
      withUnsafeMutableBytes(of: &storage) {
        $0.storeBytes(of: newValue.bigEndian, toByteOffset: 2, as: UInt16.self)
      }
    }
  }

  var isAnyIPv6: Bool {
    guard family == AF_INET6 else { return false }
    return withUnsafeBytes(of: storage) { $0[8..<24].allSatisfy { $0 == 0 } }
  }

  /// The path of a socket in the file system; nil for others.
  var path: String? {
    guard family == AF_UNIX else { return nil }
    return withUnsafeBytes(of: storage) { bytes in
      let path = bytes[MemoryLayout<sa_family_t>.size..<Int(length)].prefix { $0 != 0 }
      return path.isEmpty ? nil : String(decoding: path, as: UTF8.self)
    }
  }

  /// The host alone, as the access log shows it: an IP address, or `unix:` for whoever comes by way
  /// of the file system and so has none.
  var text: [UInt8] {
    guard isTCP else { return Array((family == AF_UNIX ? "unix:" : "-").utf8) }
    if let address { return address.text }
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let result = try? withName { (name, length) throws(Errno) in
      getnameinfo(name, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
    }
    guard result == 0 else { return [ASCII.minus] }
    return host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  }

  /// The IP address, where it says all there is to say; one within a zone needs the zone, too.
  private var address: IPAddress? {
    withUnsafeBytes(of: storage) { bytes in
      if family == AF_INET {
        let number = bytes.load(fromByteOffset: 4, as: UInt32.self)
        return IPAddress(version4: UInt32(bigEndian: number))
      }
      guard bytes.load(fromByteOffset: 24, as: UInt32.self) == 0 else { return nil }
      return IPAddress(
        high: UInt64(bigEndian: bytes.load(fromByteOffset: 8, as: UInt64.self)),
        low: UInt64(bigEndian: bytes.load(fromByteOffset: 16, as: UInt64.self)))
    }
  }
}
