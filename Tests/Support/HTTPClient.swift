import ChannelSystem
import Glibc
package import SystemPackage

/// A connection to a server on this machine that sends exactly the bytes it is told to.
package final class HTTPClient {
  private let descriptor: Descriptor
  private var received: [UInt8] = []

  /// A response taken apart.
  package struct Response: Sendable {
    package var status: Int
    /// Field lines in order, names in lower case.
    package var fields: [(name: String, value: String)]
    package var body: [UInt8]

    package subscript(name: String) -> String? {
      fields.first { $0.name == name }?.value
    }

    package var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// Connects to `port` on the loopback address, with a kernel buffer of `receiveBuffer` bytes.
  package init(port: UInt16, receiveBuffer: Int? = nil) throws(Errno) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    descriptor = try Self.connect(to: address, receiveBuffer: receiveBuffer)
  }

  /// Connects to `port` on the loopback address of IPv6.
  package init(portOfIPv6 port: UInt16) throws(Errno) {
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    address.sin6_addr = in6addr_loopback
    descriptor = try Self.connect(to: address)
  }

  /// Connects to the socket at `path`.
  package init(path: FilePath) throws(Errno) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.string.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .fileNameTooLong }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    descriptor = try Self.connect(to: address)
  }

  private static func connect<Address>(
    to address: Address, receiveBuffer: Int? = nil
  ) throws(Errno) -> Descriptor {
    let family = withUnsafeBytes(of: address) { $0.load(as: sa_family_t.self) }
    let raw = try systemCall {
      socket(CInt(family), CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    }
    let owned = Descriptor(owning: raw)
    if var size = receiveBuffer.map(CInt.init) {
      setsockopt(raw, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
    }
    // A test that would wait for ever fails instead.
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    _ = try withUnsafePointer(to: address) { (pointer) throws(Errno) in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (name) throws(Errno) in
        try systemCall { Glibc.connect(raw, name, socklen_t(MemoryLayout<Address>.size)) }
      }
    }
    return owned
  }

  package func send(_ text: String) throws(Errno) {
    try send(Array(text.utf8))
  }

  package func send(_ bytes: [UInt8]) throws(Errno) {
    var sent = 0
    while sent < bytes.count {
      sent += try systemCall {
        bytes.withUnsafeBytes {
          Glibc.send(
            descriptor.raw.rawValue, $0.baseAddress.map { $0 + sent }, $0.count - sent,
            CInt(MSG_NOSIGNAL))
        }
      }
    }
  }

  /// Tells the server that nothing more comes, and stays to listen.
  package func finishSending() {
    shutdown(descriptor.raw.rawValue, CInt(SHUT_WR))
  }

  /// Sends a request with a Host field and reads its response.
  package func request(
    _ method: String = "GET", _ target: String, _ fields: [String] = []
  ) throws -> Response {
    let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
    try send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
    return try response(to: method)
  }

  package struct Unexpected: Error, CustomStringConvertible {
    package var description: String
  }

  /// Reads one response; `method` says whether it has a body.
  package func response(to method: String = "GET") throws -> Response {
    var head = try responseHead()
    guard method != "HEAD", ![204, 304].contains(head.status) else { return head }
    head.body = try body(of: head)
    return head
  }

  /// Reads the body that belongs to a head.
  package func body(of head: Response) throws -> [UInt8] {
    guard let length = head["content-length"].flatMap(Int.init) else {
      throw Unexpected(description: "no Content-Length in \(head)")
    }
    while received.count < length {
      guard try receive() else {
        throw Unexpected(description: "body ends after \(received.count) of \(length) bytes")
      }
    }
    defer { received.removeFirst(length) }
    return Array(received[..<length])
  }

  /// Reads a response's head and leaves its body unread.
  package func responseHead() throws -> Response {
    var end = Self.end(of: received)
    while end == nil {
      guard try receive() else {
        throw Unexpected(description: "closed after \(received.count) bytes of a head")
      }
      end = Self.end(of: received)
    }
    let text = String(decoding: received[..<(end ?? 0)], as: UTF8.self)
    received.removeFirst(end ?? 0)
    let lines = text.split(separator: "\r\n").map(String.init)
    let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    guard let status, lines[0].hasPrefix("HTTP/1.1 ") else {
      throw Unexpected(description: "no status line in \(text)")
    }
    let fields = lines.dropFirst().map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (name: parts[0].lowercased(), value: String(parts.last?.drop { $0 == " " } ?? ""))
    }
    return Response(status: status, fields: fields, body: [])
  }

  private static func end(of bytes: [UInt8]) -> Int? {
    let mark = Array("\r\n\r\n".utf8)
    guard bytes.count >= 4 else { return nil }
    for start in 0...(bytes.count - 4) where bytes[start] == mark[0] {
      if Array(bytes[start..<start + 4]) == mark { return start + 4 }
    }
    return nil
  }

  /// Takes what has arrived, waiting for it; false at the end of the connection.
  private func receive() throws(Errno) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count: Int
    do {
      count = try systemCall { recv(descriptor.raw.rawValue, &buffer, buffer.count, 0) }
    } catch .connectionReset {
      return false
    }
    received += buffer[..<count]
    return count > 0
  }

  /// Whether something to read arrives within a time.
  package func waitsForInput(milliseconds: Int) throws(Errno) -> Bool {
    try wait(for: CInt(POLLIN), milliseconds: milliseconds)
  }

  /// Waits for the server to reset the connection, without reading.
  package func waitForReset() throws {
    // The unread part of a response counts as input, so only errors are waited for.
    guard try wait(for: 0, milliseconds: 20_000) else {
      throw Unexpected(description: "the connection was not reset")
    }
  }

  private func wait(for events: CInt, milliseconds: Int) throws(Errno) -> Bool {
    var entry = pollfd(fd: descriptor.raw.rawValue, events: CShort(events), revents: 0)
    return try systemCall { poll(&entry, 1, CInt(milliseconds)) } > 0
  }

  /// Reads to the end of the connection and answers everything that came.
  package func readToEnd() throws -> [UInt8] {
    while try receive() {}
    defer { received = [] }
    return received
  }

  /// Whether the server has closed the connection and nothing is left to read.
  package func isClosedByServer() throws -> Bool {
    try received.isEmpty && !receive()
  }
}
