import ChannelHTTP
import ChannelSite
import Logging
import Support
import Synchronization
import SystemPackage

/// A folder being served to those who may see it, for the length of a test.
struct GuardedSite {
  let folder: TemporaryDirectory
  let tokens: TokenFile
  let identities: Identities
  let activities = Activities()
  let server: HTTPServer
  let refusals: Refusals

  /// What the access control has told of.
  final class Refusals: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  init(
    requiresIdentity: Bool = false, users: String? = nil,
    time: @escaping @Sendable () -> Int = { 0 },
    _ configure: (inout ServerConfiguration, Identities) -> Void = { _, _ in }
  ) throws {
    folder = try TemporaryDirectory()
    try folder("site").createDirectories()
    tokens = TokenFile(folder("tokens.json"))
    var sources = Identities.Sources(tokens: tokens)
    if let users {
      try folder("users").write(Array(users.utf8), permissions: .ownerReadWrite)
      sources.passwords = [PasswordFile(folder("users"), right: .read)]
    }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    identities = try Identities(sources, activities: activities, logger: logger, now: time)
    let refusals = Refusals()
    self.refusals = refusals
    var configuration = ServerConfiguration(root: folder("site").string)
    configuration.listeners = [.tcp(host: "127.0.0.1", port: 0)]
    configuration.threads = 1
    configuration.authenticator =
      AccessControl(identities, requiresIdentity: requiresIdentity) { request, who, why in
        refusals.add("\(who ?? "somebody") \(why)")
      }.authenticator
    configuration.responders = [
      Responder(under: "/-/health") { _ in HTTPResponse(text: "well") },
      Responder(under: "/api", methods: ["POST", "PUT", "DELETE"]) {
        HTTPResponse(text: $0.user ?? "nobody")
      },
    ]
    configure(&configuration, identities)
    server = try HTTPServer(configuration)
  }

  /// Hands out a token that is known at once.
  func token(
    _ name: String, _ right: Right, _ scope: String? = nil, expires: Int? = nil
  ) throws -> String {
    let secret = try tokens.create(
      name: name, right: right, scopes: scope.flatMap { Scope($0) }.map { [$0] } ?? [], now: 0,
      expires: expires)
    identities.reread()
    return secret
  }

  func status(
    _ target: String, _ method: String = "GET", _ fields: String...
  ) throws -> Int {
    try request(target, method, fields).status
  }

  func request(
    _ target: String, _ method: String = "GET", _ fields: [String] = []
  ) throws -> HTTPClient.Response {
    try HTTPClient(port: server.port).request(method, target, fields)
  }
}
