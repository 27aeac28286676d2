public import Logging

/// Everything about a server that can be chosen.
public struct ServerConfiguration: Sendable {
  /// The folders that are served; of several that a path leads into, that with the longest path of
  /// its own answers.
  public var mounts: [Mount]
  /// Where connections are taken.
  public var listeners = [ListenAddress.tcp(host: nil, port: 8080)]
  /// What is done once the sockets are bound and before anything else is opened: where a process
  /// gives up the privileges by which it could bind them.
  public var afterBinding: (@Sendable () throws(ServerError) -> Void)?
  /// How many event loops run, each on its own thread; nil for one a core.
  public var threads: Int?

  /// How many threads there may be for what would hold up the loops: listings of large folders,
  /// packing them; they begin when they are needed.
  public var workers = 4

  /// Which `Cache-Control` goes with which file.
  public var cachePolicy = CachePolicy.channel
  /// Whether a directory without an index file is shown as a listing.
  public var showsListings = true
  /// The name of the file that stands for its directory; nil for none.
  public var indexFile: String? = "index.html"
  /// Which files some clients are told to be missing.
  public var concealments: [Concealment] = []
  /// Names of files that clients ask for in case they are there.
  ///
  /// Where one is missing, metrics count that apart, and the access log in JSON says `expected`.
  public var expectedMisses: [String] = []
  /// Which names a listing puts away below the others; the first group that a name fits has it.
  public var listingAsides: [ListingAside] = []

  /// Where each request is noted.
  public var accessLog = AccessLogDestination.off
  /// How each request is noted.
  public var accessLogFormat = AccessLogFormat.combined
  /// Where failures are told; requests that fail by the client's fault are not.
  public var logger = Logger(label: "channel-server")
  /// What counts requests and connections; nil to count nothing.
  public var metrics: ServerMetrics?
  /// What hears which digests clients expect of the files that they get; nil for nothing.
  public var expectations: ExpectationSink?
  /// What hears how often files are downloaded; nil for nothing.
  public var downloads: DownloadSink?

  /// Answers to requests below certain paths, which are not for the files.
  public var responders: [Responder] = []
  /// Where large bodies may be sent to.
  public var uploads: [UploadRoute] = []
  /// Proxies that are believed when they say for whom they ask.
  public var trustedProxies: [TrustedProxy] = []
  /// How many requests one client may make; nil for any number.
  public var rateLimit: RateLimit?
  /// Who may ask for what; nil when everybody may ask for everything.
  public var authenticator: Authenticator?

  /// The bounds of what is accepted, and of how long it is waited for.
  public var limits = ServerLimits()

  /// Creates a configuration that serves `root` at `/`, on port 8080 of all addresses.
  public init(root: String) {
    self.init(mounts: [Mount(root: root)])
  }

  /// Creates a configuration that serves several folders, on port 8080 of all addresses.
  public init(mounts: [Mount]) {
    self.mounts = mounts
  }
}

/// The bounds that keep one client from harming another.
public struct ServerLimits: Sendable, Hashable {
  /// Bytes of a request line; a longer one is answered 414.
  public var requestLine = 16_384
  /// Bytes of a request's line and fields together; more are answered 431.
  public var requestHead = 32_768
  /// Number of field lines; more are answered 431.
  public var requestFields = 100
  /// Bytes of a request's body, which is read and thrown away; more are answered 413.
  public var requestBody = 1_048_576
  /// Time from the first byte of a request's head to the last.
  public var headTimeout = Duration.seconds(20)
  /// Time for the whole body of a request.
  public var bodyTimeout = Duration.seconds(60)
  /// Time that a connection may stay open between two requests.
  public var idleTimeout = Duration.seconds(75)
  /// Time within which the client must take `minimumRate` times as many bytes of a response.
  public var writeTimeout = Duration.seconds(30)
  /// Bytes a second below which a client is too slow to be served.
  public var minimumRate = 256
  /// Open connections; beyond them the one that has been idle longest is closed for a new one.
  ///
  /// Never more than three quarters of the descriptors that the process may have.
  public var connections = 16_384
  /// Work that may wait for a thread to do it; requests that would need more are answered 503.
  public var work = 256
  /// Time that transfers and work under way are given when the server stops.
  public var drainTimeout = Duration.seconds(30)

  /// Creates the limits that suit most servers.
  public init() {}
}

/// Where the access log goes.
public enum AccessLogDestination: Sendable {
  /// Nowhere.
  case off
  /// To standard output.
  case standardOutput
  /// To the end of a file, which is made if need be.
  case file(String)
  /// To the program that the server is part of.
  case sink(AccessLogSink)
}

/// How a line of the access log is written.
public enum AccessLogFormat: String, Sendable, Hashable, CaseIterable {
  /// The Common Log Format.
  case common
  /// The Common Log Format with referrer and user agent.
  case combined
  /// One JSON object a line.
  case json
}
