import ChannelCore
import Foundation
import Support
import SystemPackage
import Testing

/// Servers that are killed at every step of what they do to a channel, one step after the other.
@Suite struct SuddenEndTests {
  /// What is done to a channel that holds packages already.
  enum Change: CaseIterable {
    /// A new package, with attestations.
    case upload
    case replacement, deletion

    /// The kinds of steps at which it is killed.
    ///
    /// What is written is alike for all of them, so it is enough to look at half-written files once.
    var kinds: String {
      self == .upload ? "write show remove answer" : "show remove answer"
    }

    /// Steps that it takes, with words for the moment just before each.
    var moments: [(words: String, step: String)] {
      let listing: [(words: String, step: String)] = [
        ("the ledger is written", "show .channel/noarch.ledger"),
        ("the index is written", "show noarch/repodata.json"),
        ("the index is there, and the change is not over", "remove .channel/uploads/change-"),
        ("all is done, and nobody is told", "answer"),
      ]
      return switch self {
      case .upload:
        [
          ("all of it has arrived", "write .channel/uploads/"),
          ("anything is changed", "write .channel/lock"),
          ("it is moved in", "show noarch/p"),
          ("the ledger is half written", "write .channel/.channel-tmp-"),
          ("the index is half written", "write noarch/.channel-tmp-"),
        ] + listing
      case .replacement: [("it is moved in", "show noarch/p")] + listing
      case .deletion: listing + [("its file is removed", "remove noarch/p")]
      }
    }
  }

  private let directory: TemporaryDirectory
  private let secret: String

  /// By its real name, as the kernel tells it.
  private var channel: FilePath {
    FilePath(URL(filePath: directory("site").string).resolvingSymlinksInPath().path)
  }
  private var order: FilePath { directory("order") }
  private var log: FilePath { directory("log") }

  init() async throws {
    directory = try TemporaryDirectory()
    _ = try await Command.run(Command.built("channel-index"), "init", directory("site").string)
    // The same steps in the same order, each time.
    try directory("site/.channel-index.conf").write("threads = 1\n")
    let created = try await Command.run(
      Command.built("channel-server"), "token", "create", "ci", "--admin", "--tokens",
      directory("tokens.json").string)
    secret = created.output.trimmingCharacters(in: .newlines)
    let source = Corpus.repository.appending("Tests/EndToEnd/Interposed/kill_at_step.c")
    let compiled = try await Command.run(
      "sh",
      ["-c", #"exec "$(command -v cc || command -v clang)" -shared -fPIC -o "$@" -ldl"#, "cc"]
        + [directory("kill_at_step.so").string, source.string])
    try #require(compiled.status == 0, "\(compiled.errors)")
  }

  /// A server that can be told at which step of a change it is killed.
  private func server(for change: Change) throws -> RunningServer {
    try RunningServer(
      [
        channel.string, "--host", "127.0.0.1", "--port", "0", "--mount", "/c", "--tokens",
        directory("tokens.json").string,
      ],
      by: [
        "LD_PRELOAD=\(directory("kill_at_step.so"))", "KILL_ROOT=\(channel)",
        "KILL_ORDER=\(order)", "KILL_LOG=\(log)", "KILL_STEPS=\(change.kinds)",
      ])
  }

  @Test(arguments: Change.allCases)
  func `a server killed at any step leaves a channel that the next puts right`(
    _ change: Change
  ) async throws {
    var interrupted: [String] = []
    var server = try server(for: change)
    // Each kill is a step further on, until there is none left to be killed at.
    var isOver = false
    while !isOver {
      let step = interrupted.count + 1
      let package = PackageBlueprint("p\(step)")
      if change.isOfStanding { try await put(package, on: server) }

      try log.write([])
      try order.write("\(step)")
      let answer = await make(change, of: package, on: server)
      try order.removeRecursively()
      var last = "no kill"
      if let answer {
        #expect((200...201).contains(answer))
        isOver = true
      } else {
        #expect(await server.stop(SIGTERM) == -SIGKILL)
        let steps = try log.readText().split(separator: "\n")
        try #require(steps.count >= step)
        last = String(steps[step - 1])
        interrupted.append(last)
        try expectReadable(exceptFor: change == .replacement ? package : nil, after: last)
        server = try self.server(for: change)
        try expectWhole(package, on: server, after: last)
        try expectVerified(after: last)
      }
      // Whoever does the same again is done.
      let again = try #require(await make(change, of: package, on: server))
      let isDone = (200...201).contains(again) || again == 404 && change == .deletion
      #expect(isDone, "\(again) after \(last)")
      let digest = try expectWhole(package, on: server, after: last)
      #expect(try digest == change.wanted(of: package), "done again after \(last)")
    }
    _ = await server.stop()
    // All of it at the end, every byte.
    let verify = try await Command.run(
      Command.built("channel-index"), "verify", channel.string, "--digests")
    #expect(verify.status == 0, "\(verify.output)\(verify.errors)")
    // It is no proof unless it was killed in the midst of all that matters.
    for (words, step) in change.moments {
      #expect(
        interrupted.contains { $0.hasPrefix(step) },
        "never killed before \(words), but: \(interrupted)")
    }
  }

  /// Publishes a package for the change to be made to.
  private func put(_ package: PackageBlueprint, on server: RunningServer) async throws {
    let target = "/c/noarch/\(package.condaFileName)"
    #expect(try await send("PUT", target, try package.conda(), to: server) == 201)
  }

  /// Makes the change; nil when the server ends before it answers.
  private func make(
    _ change: Change, of package: PackageBlueprint, on server: RunningServer
  ) async -> Int? {
    let target = "/c/noarch/\(package.condaFileName)"
    switch change {
    case .upload:
      let form = Self.form(package.condaFileName, (try? package.conda()) ?? [])
      let type = "Content-Type: multipart/form-data; boundary=b"
      return try? await send("POST", "/api/v1/upload/c", form, type, to: server)
    case .replacement:
      return try? await send(
        "PUT", target + "?force=true", change.package(package).conda(), to: server)
    case .deletion:
      return try? await send("DELETE", target, to: server)
    }
  }

  private static func form(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    let part = "--b\r\nContent-Disposition: form-data; name="
    let head = part + "\"file\"; filename=\"\(name)\"\r\n\r\n"
    let tail = "\r\n" + part + "\"attestation\"\r\n\r\n{\"of\":\"\(name)\"}\r\n--b--\r\n"
    return Array(head.utf8) + bytes + Array(tail.utf8)
  }

  /// Sends a form in two halves, the second once some of the first is written; all else in one.
  private func send(
    _ method: String, _ target: String, _ body: [UInt8] = [], _ field: String? = nil,
    to server: RunningServer
  ) async throws -> Int {
    let client = try HTTPClient(port: server.port)
    let lines = [
      "\(method) \(target) HTTP/1.1", "Host: a", "Content-Length: \(body.count)",
      "Authorization: Bearer \(secret)",
    ]
    let half = field == nil ? body.count : body.count / 2
    let head = (lines + [field].compactMap(\.self)).map { $0 + "\r\n" }.joined() + "\r\n"
    try client.send(Array(head.utf8) + body.prefix(half))
    if half < body.count {
      let uploads = channel.appending(".channel/uploads")
      _ = await server.runs {
        ((try? uploads.entryNames()) ?? []).contains { name in
          ((try? uploads.appending(name).readBytes()) ?? []).isEmpty == false
        }
      }
      try? client.send(Array(body.dropFirst(half)))
    }
    return try client.response().status
  }

  // MARK: What must hold

  /// What the index lists: names and the digests of their bytes.
  private func listed(in index: [UInt8]) throws -> [String: String] {
    let document = try JSONSerialization.jsonObject(with: Data(index)) as? [String: Any]
    let packages = try #require(document?["packages.conda"] as? [String: [String: Any]])
    return packages.compactMapValues { $0["sha256"] as? String }
  }

  /// Whatever else is going on, all that the index lists is there, byte for byte.
  private func expectReadable(exceptFor replaced: PackageBlueprint?, after step: String) throws {
    let folder = channel.appending("noarch")
    for (name, digest) in try listed(in: folder.appending("repodata.json").readBytes()) {
      let file = folder.appending(name)
      #expect(file.exists, "\(name) is listed and not there, after \(step)")
      // The index of a package that gives way is replaced just after the package is.
      guard file.exists, name != replaced?.condaFileName else { continue }
      #expect(try hexadecimal(file.readBytes()) == digest, "\(name), after \(step)")
    }
  }

  /// A server that was started has put right what one left behind: a package is there or it is not,
  /// and the index says so; answers the digest that it lists.
  @discardableResult
  private func expectWhole(
    _ package: PackageBlueprint, on server: RunningServer, after step: String
  ) throws -> String? {
    let name = package.condaFileName
    let client = try HTTPClient(port: server.port)
    let digest = try listed(in: client.request("GET", "/c/noarch/repodata.json").body)[name]
    let file = try client.request("GET", "/c/noarch/\(name)")
    #expect(file.status == (digest == nil ? 404 : 200), "after \(step)")
    if let digest { #expect(hexadecimal(file.body) == digest, "after \(step)") }
    return digest
  }

  /// Nothing is left of what was cut off.
  private func expectVerified(after step: String) throws {
    let report = try ChannelInspector(channel: channel).inspect()
    #expect(report.findings.isEmpty && report.failures.isEmpty, "after \(step): \(report)")
    for folder in ["", "noarch", "noarch/shards", ".channel", ".channel/uploads"] {
      let names = try channel.appending(folder).entryNames()
      let left = names.filter { $0.contains("-tmp-") || folder == ".channel/uploads" }
      #expect(left.isEmpty, "left behind after \(step)")
    }
  }
}

extension SuddenEndTests.Change {
  /// Whether it is made to a package that is there.
  fileprivate var isOfStanding: Bool { self != .upload }

  /// What is there afterwards of a package.
  fileprivate func package(_ package: PackageBlueprint) -> PackageBlueprint {
    var package = package
    if self == .replacement { package.depends = ["something"] }
    return package
  }

  /// The digest that the index lists afterwards.
  fileprivate func wanted(of package: PackageBlueprint) throws -> String? {
    self == .deletion ? nil : hexadecimal(try self.package(package).conda())
  }
}

/// The SHA-256 of bytes, as an index writes it.
private func hexadecimal(_ bytes: [UInt8]) -> String {
  sha256(of: bytes).map { String(format: "%02x", $0) }.joined()
}
