import ChannelSystem
import Foundation
import Support
import SystemPackage

/// The socket by which a service manager learns how a service is.
struct NotifySocket: ~Copyable {
  private let descriptor: Descriptor

  init(_ path: FilePath) throws {
    let raw = try systemCall { socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0) }
    let descriptor = Descriptor(owning: raw)
    // A test that would wait for ever fails instead.
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8) }
    try withUnsafePointer(to: address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        _ = try systemCall { bind(raw, name, socklen_t(MemoryLayout<sockaddr_un>.size)) }
      }
    }
    self.descriptor = descriptor
  }

  /// The next message, waited for.
  func message() throws -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = try systemCall { recv(descriptor.raw.rawValue, &bytes, bytes.count, 0) }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
