internal import ArgumentParser
internal import ChannelSite
internal import Glibc
internal import SystemPackage

/// `channel-server token …`: hands out secrets and takes them back.
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Hand out tokens, list them, take them back.",
    discussion: """
      A server that was started with --tokens FILE follows every change of the file at once.
      """,
    subcommands: [Create.self, List.self, Revoke.self])

  /// Where the tokens are kept.
  struct FileArguments: ParsableArguments {
    @Option(
      help: "The file of the tokens; made if need be. (default: $CHANNEL_SERVER_TOKENS)",
      completion: .file())
    var tokens: String?

    var file: TokenFile {
      get throws {
        if let path = tokens ?? getenv("CHANNEL_SERVER_TOKENS").map({ String(cString: $0) }) {
          return TokenFile(FilePath(path))
        }
        throw ValidationError("Say where the tokens are kept: --tokens FILE.")
      }
    }
  }

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a token and print its secret, which is kept nowhere.",
      discussion: """
        Whoever has the secret sends it as password of any user, as bearer token, as X-API-Key or \
        in the URL: http://host/t/SECRET/channel.
        """)

    /// What the token is good for.
    enum Kind: String, EnumerableFlag {
      case read, publish, admin

      static func help(for value: Kind) -> ArgumentHelp? {
        switch value {
        case .read: "It may read."
        case .publish: "It may read, and publish packages that are not there yet."
        case .admin: "It may also replace packages, yank and delete them."
        }
      }
    }

    @Argument(help: "What logs call its holder: letters, digits and . _ @ + -")
    var name: String

    @Flag
    var kind: Kind

    @Option(
      name: .customLong("channel"),
      help: ArgumentHelp(
        "A path of the server where it is good for something; may be repeated. (default: all)",
        valueName: "path"),
      transform: Self.scope)
    var scopes: [Scope] = []

    @Option(
      help: ArgumentHelp("How long it is good: 90d, 12h, 30m.", valueName: "time"),
      transform: Self.lifetime)
    var expires: Lifetime?

    @OptionGroup
    var location: FileArguments

    func validate() throws {
      guard Token.isName(name) else {
        throw ValidationError("The name may have letters, digits and . _ @ + - and no others.")
      }
    }

    func run() throws {
      let (now, right) = (Clock.now, Right(rawValue: kind.rawValue) ?? .read)
      let file = try location.file
      let secret = try reportingErrors { () throws(SiteError) in
        try file.create(
          name: name, right: right, scopes: scopes, now: now,
          expires: expires.map { now + $0.milliseconds })
      }
      print(secret)
    }

    private static func scope(_ text: String) throws -> Scope {
      guard let scope = Scope(text) else {
        throw ValidationError("must be the path of a channel such as /condapkg")
      }
      return scope
    }

    private static func lifetime(_ text: String) throws -> Lifetime {
      guard let lifetime = Lifetime(text) else {
        throw ValidationError("must be a time such as 90d, 12h or 30m")
      }
      return lifetime
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the tokens without their secrets.",
      discussion: "One a line: name, right, channels, when it was made, when it expires.")

    @OptionGroup
    var location: FileArguments

    func run() throws {
      let file = try location.file
      for token in try reportingErrors({ () throws(SiteError) in try file.read() }) {
        print(token.line(at: Clock.now))
      }
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a token back: nobody who has its secret is let in from now on.")

    @Argument(help: "The token's name.")
    var name: String

    @OptionGroup
    var location: FileArguments

    func run() throws {
      let file = try location.file
      try reportingErrors { () throws(SiteError) in try file.revoke(name: name) }
    }
  }
}

/// Tells what went wrong in one line, without a word about usage.
private func reportingErrors<Value>(_ body: () throws(SiteError) -> Value) throws -> Value {
  do throws(SiteError) {
    return try body()
  } catch {
    Console.say("error: \(error)")
    throw ExitCode.failure
  }
}
