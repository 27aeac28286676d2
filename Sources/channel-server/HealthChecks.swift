internal import ChannelHTTP
internal import ChannelSystem
internal import SystemPackage

/// What whoever watches over the server asks it.
enum HealthChecks {
  /// Answers for the server of the folder at `root`.
  static func responders(root: FilePath) -> [Responder] {
    let methods: Set = ["GET", "HEAD"]
    return [
      Responder(under: "/-/health", methods: methods) { _ in HTTPResponse(text: "well\n") },
      // Not on the event loop: a network file system that is gone makes whoever looks at it wait.
      Responder(under: "/-/ready", methods: methods, on: .pool) { _ in
        (try? FileStatus(of: root).kind) == .directory
          ? HTTPResponse(text: "ready\n") : HTTPResponse(503, text: "the folder is not there\n")
      },
    ]
  }
}
