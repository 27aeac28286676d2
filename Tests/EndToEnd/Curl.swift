import Support
import SystemPackage

/// Requests made with curl: a client that shares no code with the server.
enum Curl {
  struct Answer {
    var status: Int
    /// Field names in lower case.
    var fields: [String: String]
    var body: String
  }

  /// Asks for `url`, with further `options` of curl before it.
  static func get(_ url: String, _ options: String...) async throws -> Answer {
    let scratch = try TemporaryDirectory()
    let (head, body) = (scratch("head"), scratch("body"))
    try body.write([])
    let run = try await Command.run(
      "curl",
      ["--silent", "--show-error", "--max-time", "30", "--path-as-is"] + options + [
        "--dump-header", head.string, "--output", body.string, url,
      ])
    guard run.status == 0 else { throw Failure(description: run.errors) }
    // What is only interim (RFC 9110 section 15.2) stands before the answer.
    let answer = try head.readText().split(separator: "\r\n\r\n").last ?? ""
    let lines = answer.split(separator: "\r\n")
    let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    let fields = lines.dropFirst().map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
    }
    return Answer(
      status: status ?? 0, fields: Dictionary(fields) { first, _ in first },
      body: try body.readText())
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }
}
