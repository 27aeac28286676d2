// Serves a folder from inside a program, together with an answer of the program's own, asks it for
// both over a plain socket, and stops it.
//
//     swift run embed-server [FOLDER]
import ChannelHTTP
import Glibc

let folder = CommandLine.arguments.dropFirst().first ?? "."
var configuration = ServerConfiguration(root: folder)
configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
configuration.responders = [
  Responder(under: "/-/health") { request in
    HTTPResponse(text: "\(request.method) finds all well\n")
  }
]
let server = try HTTPServer(configuration)
print("serving \(folder) at \(server.url)")

/// The status line of the answer to `GET path`.
func fetch(_ path: String, from port: UInt16) -> String? {
  let connection = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
  defer { close(connection) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  let connected = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
      connect(connection, name, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard connected == 0 else { return nil }
  let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
  guard send(connection, request, request.utf8.count, 0) == request.utf8.count else { return nil }
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = recv(connection, &buffer, buffer.count, 0)
  return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    .split(whereSeparator: \.isNewline).first.map(String.init)
}

let answers = ["/", "/-/health"].map { fetch($0, from: server.port) ?? "no answer" }
for answer in answers { print(answer) }
server.stop()
exit(answers.allSatisfy { $0 == "HTTP/1.1 200 OK" } ? 0 : 1)
