import ChannelHTTP
import Support
import SystemPackage

/// A folder being served for the length of a test.
struct Site {
  let folder: TemporaryDirectory
  let server: HTTPServer

  init(_ configure: (inout ServerConfiguration) -> Void = { _ in }) throws {
    folder = try TemporaryDirectory()
    var configuration = ServerConfiguration(root: folder.path.string)
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.threads = 1
    configure(&configuration)
    server = try HTTPServer(configuration)
  }

  func connect(receiveBuffer: Int? = nil) throws -> HTTPClient {
    try HTTPClient(port: server.port, receiveBuffer: receiveBuffer)
  }

  /// One request on a connection of its own.
  func request(
    _ method: String, _ target: String, _ fields: [String] = []
  ) throws -> HTTPClient.Response {
    try connect().request(method, target, fields)
  }

  func request(_ target: String, _ fields: [String] = []) throws -> HTTPClient.Response {
    try request("GET", target, fields)
  }

  /// The status of the answer to raw bytes.
  func status(ofRaw request: String) throws -> Int {
    let client = try connect()
    try client.send(request)
    return try client.responseHead().status
  }
}

extension HTTPClient.Response {
  /// All fields that two responses to one request share whenever they are sent.
  var fieldsBesideDate: [String] {
    fields.filter { $0.name != "date" }.map { "\($0.name): \($0.value)" }
  }
}
