import ChannelCore
import ChannelHTTP
import ChannelSite
import Logging
import Support
import SystemPackage
import Testing

/// A channel at `/c` that those with tokens may publish to, for the length of a test.
final class PublishingSite: Sendable {
  let site: GuardedSite
  let root: FilePath
  let publishing: Publishing
  let publishers = Publishers()
  let audit: FilePath
  private let disk: TinyFileSystem?

  /// Who may do what; `elsewhere` may publish to another channel.
  let publisher, admin, reader, elsewhere: String

  init(
    disk: TinyFileSystem? = nil, limits: Publishing.Limits = .init(),
    time: @escaping @Sendable () -> Int = { 0 },
    _ configure: (inout ServerConfiguration) -> Void = { _ in }
  ) throws {
    self.disk = disk
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let folder = try TemporaryDirectory()
    audit = folder("audit.log")
    let root = disk?.path.appending("channel") ?? folder("site/channel")
    let log = AuditLog(audit, logger: logger)
    try root.createDirectories()
    self.root = root
    let publishers = publishers
    var made: Publishing?
    site = try GuardedSite(time: time) { configuration, identities in
      configuration.mounts = [Mount("/c", root: root.string)]
      configuration.responders = []
      let publishing = Publishing(
        [ServedFolder(path: "/c", root: root)], by: publishers, identities: identities,
        limits: limits,
        audit: log, logger: logger)
      configuration.authenticator =
        AccessControl(
          identities, requiresIdentity: false, onRefusal: { log.noteRefusal($0, $1, $2) }
        ).authenticator
      configuration.uploads = publishing.routes
      made = publishing
      configure(&configuration)
    }
    self.folder = folder
    publishing = try #require(made)
    publisher = try site.token("publisher", .publish)
    admin = try site.token("admin", .admin)
    reader = try site.token("reader", .read)
    elsewhere = try site.token("elsewhere", .admin, "/d")
  }

  private let folder: TemporaryDirectory

  deinit {
    site.server.stop()
    publishers.stop(within: .seconds(60))
  }

  /// Sends a body in one piece and reads the answer.
  @discardableResult
  func send(
    _ method: String = "PUT", _ target: String, _ body: [UInt8] = [], as secret: String?,
    _ fields: [String] = []
  ) throws -> HTTPClient.Response {
    let client = try HTTPClient(port: site.server.port)
    var lines = ["\(method) \(target) HTTP/1.1", "Host: a", "Content-Length: \(body.count)"]
    if let secret { lines.append("Authorization: Bearer \(secret)") }
    let head = (lines + fields).map { $0 + "\r\n" }.joined() + "\r\n"
    // A server that refuses may close before it has read all.
    try? client.send(Array(head.utf8) + body)
    return try client.response()
  }

  /// Puts a package where it belongs.
  @discardableResult
  func put(
    _ package: PackageBlueprint, as secret: String? = nil, query: String = ""
  ) throws -> HTTPClient.Response {
    try send(
      "PUT", "/c/\(package.subdir)/\(package.condaFileName)\(query)", try package.conda(),
      as: secret ?? publisher)
  }

  /// The packages that the index of a subdir lists, as a client reads it.
  func listed(_ subdir: String = "noarch") throws -> [String] {
    let response = try site.request("/c/\(subdir)/repodata.json")
    guard response.status == 200 else { return [] }
    let packages = try JSONReader.value(in: response.body).object?["packages.conda"]?.object
    return (packages?.members ?? []).map(\.name)
  }

  /// The files that lie in the channel, hidden ones of the server's included, but for the index.
  var packages: [String] {
    get throws {
      try root.entryNames().flatMap { subdir in
        let files = (try? root.appending(subdir).entryNames()) ?? []
        return files.filter { $0.contains(".conda") || $0.contains(".tar.bz2") }
          .map { "\(subdir)/\($0)" }
      }
    }
  }

  /// What uploads have left behind.
  var leftovers: [String] {
    get throws {
      let uploads = root.appending(".channel").appending("uploads")
      return uploads.exists ? try uploads.entryNames() : []
    }
  }
}
