internal import ChannelCore
package import ChannelHTTP
internal import ChannelSystem
internal import Glibc
package import Logging
package import SystemPackage

/// Who did what to the channels, and who was turned away: one JSON object a line.
///
/// The file is opened for each line, so that it can be renamed at any time without a word to the
/// server. Lines are few: reading is no matter for this log.
package struct AuditLog: Sendable {
  private let path: FilePath
  private let logger: Logger

  /// A log in the file at `path`, which is made if need be.
  package init(_ path: FilePath, logger: Logger) {
    self.path = path
    self.logger = logger
  }

  /// Notes that a request was turned away.
  package func noteRefusal(_ request: HTTPRequest, _ who: String?, _ why: String) {
    let path = PresentedCredentials(of: request).strippedPath ?? request.path
    note(
      who: who, what: request.method.lowercased(), where: String(decoding: path, as: UTF8.self),
      from: String(decoding: request.remoteAddress, as: UTF8.self), outcome: "refused",
      ["reason": .string(why)])
  }

  /// Adds a line; `details` are what is known besides who, what, where and how it ended.
  func note(
    who: String?, what: String, where place: String, from address: String, outcome: String,
    _ details: JSONObject = JSONObject()
  ) {
    var line = details
    line["time"] = .string(RFC3339.text(milliseconds: Clock.now))
    line["user"] = who.map { .string($0) } ?? .null
    line["action"] = .string(what)
    line["path"] = .string(place)
    line["client"] = .string(address)
    line["outcome"] = .string(outcome)
    var bytes = JSONWriter.bytes(of: .object(line))
    bytes.append(0x0A)
    do throws(Errno) {
      // One call for the whole line, so that lines of several threads do not mix.
      try Descriptor(
        opening: path, .writeOnly, options: [.create, .append],
        permissions: [.ownerReadWrite, .groupRead]
      ).writeAll(bytes)
    } catch {
      logger.error("\(path): cannot be written to: \(error)")
    }
  }
}
