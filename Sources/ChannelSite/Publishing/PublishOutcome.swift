internal import ChannelCore
internal import ChannelHTTP
internal import SystemPackage

/// What became of a request to change a channel, and how it is answered: JSON that says so.
struct PublishOutcome: Sendable {
  /// From 200 to 599.
  let status: Int
  /// A word for programs.
  let code: String
  /// A sentence for people; empty when all is well.
  let message: String
  /// Where the package is, below the channel.
  var path: String?
  var sha256: Digest?
  var size: Int?

  init(_ status: Int, _ code: String, _ message: String = "") {
    self.status = status
    self.code = code
    self.message = message
  }

  static func refused(_ code: String, _ message: String) -> PublishOutcome {
    PublishOutcome(422, code, message)
  }

  static let notFound = PublishOutcome(404, "not-found", "there is no such channel or package")
  static let noSpace = PublishOutcome(507, "no-space", "the server has no room for this package")
  static let unwritable = PublishOutcome(
    500, "unwritable", "the channel cannot be written to; the server's log says why")

  static func forbidden(_ message: String) -> PublishOutcome {
    PublishOutcome(403, "forbidden", message)
  }

  var isSuccess: Bool { status < 300 }

  var response: HTTPResponse {
    var object = JSONObject()
    object[isSuccess ? "status" : "code"] = .string(code)
    if !isSuccess { object["error"] = .string(message) }
    if let path { object["path"] = .string(path) }
    if let sha256 { object["sha256"] = .string(sha256.description) }
    if let size { object["size"] = .number(String(size)) }
    var json = JSONWriter.bytes(of: .object(object))
    json.append(0x0A)
    return HTTPResponse(status, json: json)
  }

  /// What an indexer says of one package.
  init(_ entry: AdmissionReport.Entry) {
    switch entry.outcome {
    case .added: self.init(201, "added")
    case .replaced: self.init(201, "replaced")
    case .unchanged: self.init(200, "unchanged")
    case .refused(let error):
      switch error.code {
      case .nameTaken:
        self.init(
          409, "name-taken",
          "a package of this name is there and has other bytes; it stays as it is")
      case .unwritable: self = .unwritable
      default: self.init(422, error.code.description, error.reason)
      }
    }
    path = entry.subdir.map { "\($0)/\(entry.candidate.name)" }
  }
}
