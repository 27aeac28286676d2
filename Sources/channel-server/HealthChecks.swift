internal import ChannelHTTP
internal import ChannelSystem
internal import SystemPackage

/// What whoever watches over the server asks it.
enum HealthChecks {
  /// Answers for the server of the folders at `roots`.
  static func responders(roots: [FilePath]) -> [Responder] {
    let methods: Set = ["GET", "HEAD"]
    return [
      Responder(under: "/-/health", methods: methods) { _ in HTTPResponse(text: "well\n") },
      // Not on the event loop: a network file system that is gone makes whoever looks at it wait.
      Responder(under: "/-/ready", methods: methods, on: .pool) { _ in
        // Which one is nobody's business who can only ask.
        roots.allSatisfy { (try? FileStatus(of: $0).kind) == .directory }
          ? HTTPResponse(text: "ready\n") : HTTPResponse(503, text: "a folder is not there\n")
      },
    ]
  }
}
