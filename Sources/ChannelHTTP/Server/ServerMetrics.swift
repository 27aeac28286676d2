internal import Synchronization

/// What a server counts while it serves, for those who watch over it.
///
/// It is given to a server with its configuration, and may be given to several, or to one after the
/// other: the counts go on. To count costs no request more than the reading of a clock.
///
///     let metrics = ServerMetrics()
///     configuration.metrics = metrics
///     configuration.responders.append(
///       Responder(under: "/-/metrics", methods: ["GET", "HEAD"]) { _ in
///         var text = MetricsText()
///         metrics.write(to: &text)
///         return text.response
///       })
public final class ServerMetrics: Sendable {
  private struct Sources {
    var loops: [LoopMetrics] = []
    var logs: [LogWriter] = []
    /// What loops have counted that are over.
    var past = LoopMetrics.Sums()
    var lostBytes = 0
  }

  private let sources = Mutex(Sources())

  /// Creates counters that stand at zero.
  public init() {}

  func makeLoop() -> LoopMetrics {
    let loop = LoopMetrics()
    sources.withLock { $0.loops.append(loop) }
    return loop
  }

  /// Watches a log from now on, and keeps what the one before it has lost.
  func watch(_ log: LogWriter?, insteadOf old: LogWriter?) {
    guard log !== old else { return }
    sources.withLock { sources in
      if let log { sources.logs.append(log) }
      guard let index = sources.logs.firstIndex(where: { $0 === old }) else { return }
      sources.lostBytes += sources.logs.remove(at: index).lostBytes
    }
  }

  /// Keeps what those have counted that will count no more, and lets go of them.
  func retire(_ loops: [LoopMetrics]) {
    sources.withLock { sources in
      for loop in loops {
        guard let index = sources.loops.firstIndex(where: { $0 === loop }) else { continue }
        loop.add(to: &sources.past)
        sources.loops.remove(at: index)
      }
    }
  }

  /// Writes what was counted so far.
  public func write(to text: inout MetricsText) {
    let (sums, lostBytes) = sources.withLock { sources in
      var sums = sources.past
      for loop in sources.loops { loop.add(to: &sums) }
      return (sums, sources.logs.reduce(sources.lostBytes) { $0 + $1.lostBytes })
    }
    writeRequests(sums, to: &text)
    text.begin(
      "channel_http_connections", .gauge, "Connections that are open.")
    text.add(sums[.accepted] - sums[.closed])
    text.begin(
      "channel_http_connections_accepted_total", .counter, "Connections that were taken.")
    text.add(sums[.accepted])
    text.begin(
      "channel_http_connections_refused_total", .counter,
      "Connections that were turned away for want of room or descriptors.")
    text.add(sums[.refused])
    text.begin(
      "channel_http_expected_misses_total", .counter,
      "Requests answered 404 for what clients ask in case it is there.")
    text.add(sums[.expectedMisses])
    text.begin(
      "channel_http_rate_limited_total", .counter,
      "Requests that were answered 429 because their client makes too many.")
    text.add(sums[.limited])
    text.begin(
      "channel_http_file_cache_requests_total", .counter,
      "Lookups in the caches of files, by whether they held what was asked for.")
    text.add(sums[.cacheHits], labels: ["result": "hit"])
    text.add(sums[.cacheMisses], labels: ["result": "miss"])
    text.begin(
      "channel_http_file_cache_entries", .gauge,
      "Paths that the caches of files know the answer for, each loop with a cache of its own.")
    text.add(sums[.cacheEntries])
    text.begin(
      "channel_http_access_log_lost_bytes_total", .counter,
      "Bytes of the access log that were thrown away because they could not be written in time.")
    text.add(lostBytes)
  }

  private func writeRequests(_ sums: LoopMetrics.Sums, to text: inout MetricsText) {
    text.begin(
      "channel_http_requests_total", .counter, "Answered requests, by method and class of status.")
    for method in LoopMetrics.Method.allCases {
      for statusClass in 0..<LoopMetrics.classes {
        text.add(
          sums.requests(method, ofClass: statusClass),
          labels: ["method": method.name, "code": "\(statusClass + 2)xx"])
      }
    }
    text.begin(
      "channel_http_sent_bytes_total", .counter, "Bytes handed to the kernel for clients.")
    text.add(sums[.bytes])
    text.begin(
      "channel_http_request_duration_seconds", .histogram,
      "Time from a request being there whole to its answer being ready to be sent.")
    let bounds = LoopMetrics.bounds.indices.map { Double(LoopMetrics.bounds[$0]) / 1e9 }
    text.addHistogram(
      bounds: bounds, counts: sums.times, sum: Double(sums[.time]) / 1e9)
  }
}
