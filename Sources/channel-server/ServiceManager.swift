import CLinux
import ChannelHTTP
import ChannelSystem
import Glibc
import SystemPackage

/// Whoever started the server and wants to know how it is, as systemd does.
///
/// Both halves of the protocol are of a few lines, and so nothing of systemd's is linked:
/// sd_listen_fds(3) and sd_notify(3).
struct ServiceManager: Sendable {
  private let address: [UInt8]

  init() {
    address = getenv("NOTIFY_SOCKET").map { Array(String(cString: $0).utf8) } ?? []
  }

  /// Tells something; nothing happens when nobody wants to know.
  func tell(_ state: String) {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: name.sun_path)
    guard let first = address.first, address.count < capacity else { return }
    // An @ stands for the zero byte of a name outside the file system.
    let bytes = first == 0x40 ? [0] + address.dropFirst() : address
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let kind = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard let raw = try? systemCall({ socket(AF_UNIX, kind, 0) }) else { return }
    let descriptor = Descriptor(owning: raw)
    let message = Array(state.utf8)
    withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        _ = sendto(
          descriptor.raw.rawValue, message, message.count, CInt(MSG_NOSIGNAL), name, length)
      }
    }
  }

  /// The listening sockets that this process was started with.
  static var sockets: [ListenAddress] {
    defer {
      // Whoever is started by this process has none of them.
      for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
    }
    guard number("LISTEN_PID") == Int(getpid()), let count = number("LISTEN_FDS"), count > 0
    else { return [] }
    return (3..<3 + Int32(clamping: min(count, 1024))).map { .inherited(descriptor: $0) }
  }

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }
}
