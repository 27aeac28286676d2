import Foundation
import Support
import SystemPackage
import Testing

/// What those who watch over a server read.
@Suite struct MetricsTests {
  private let directory: TemporaryDirectory
  private let file = PackageBlueprint("tool").condaFileName

  init() async throws {
    directory = try TemporaryDirectory()
    try directory("channel/noarch/\(file)").write(try PackageBlueprint("tool").conda())
    let index = try await Command.run(
      Command.built("channel-index"), [directory("channel").string])
    #expect(index.status == 0, "\(index.errors)")
  }

  private func metrics(_ url: String) async throws -> PrometheusText {
    let answer = try await Curl.get(url)
    #expect(answer.status == 200)
    #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    return try PrometheusText(answer.body)
  }

  /// The URL without the path of what is served.
  private func origin(of url: String) -> String {
    url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).prefix(2)
      .joined(separator: "/") + "/" + (url.split(separator: "/").dropFirst().first ?? "")
  }

  @Test(arguments: ["channel", "."])
  func `requests, the index and its packages are told`(_ served: String) async throws {
    let server = try RunningServer(serving: directory(served), "--mount", "/pkg")
    _ = try await Curl.get(server.url)
    _ = try await Curl.get(server.url + "none")
    let metrics = try await metrics(origin(of: server.url) + "/-/metrics")
    let channel = served == "." ? "\"/pkg/channel\"" : "\"/pkg\""

    #expect(try metrics.value("channel_http_requests_total", "\"GET\"", "\"2xx\"") == 1)
    #expect(try metrics.value("channel_http_requests_total", "\"GET\"", "\"4xx\"") == 1)
    #expect(try metrics.value("channel_packages", channel, "\"noarch\"") == 1)
    #expect(try metrics.value("channel_index_age_seconds", channel, "\"noarch\"") >= 0)
    #expect(
      try metrics.value("channel_index_generation_timestamp_seconds", channel, "\"noarch\"") > 1e9)
    #expect(await server.stop() == 0)
  }

  @Test func `on a port of their own they are not on the main one, and nothing else is there`()
    async throws
  {
    let server = try RunningServer(serving: directory("channel"), "--metrics-port", "0")
    #expect(await server.says("/-/metrics\n"))
    let line = try #require(server.errors.firstMatch(of: /metrics at (http:.*)/))
    let url = String(line.output.1)
    let other = origin(of: url)

    #expect(try await Curl.get(server.url + "-/metrics").status == 404)
    #expect(try await metrics(url).value("channel_packages") == 1)
    #expect(try await Curl.get(other + "/-/health").status == 200)
    for path in ["/", "/noarch/repodata.json", "/%6eoarch/", "/-/"] {
      #expect(try await Curl.get(other + path).status == 404, "\(path)")
    }
    #expect(await server.stop() == 0)
  }

  @Test func `they can be left out`() async throws {
    let server = try RunningServer(serving: directory("channel"), "--metrics-listen", "off")

    #expect(try await Curl.get(server.url + "-/metrics").status == 404)
  }

  @Test func `what the holders of tokens do is told under their names, and no secret`() async throws
  {
    let tokens = directory("tokens.json").string
    let created = try await Command.run(
      Command.built("channel-server"),
      ["token", "create", "ci", "--read", "--channel", "/pkg", "--tokens", tokens])
    let secret = created.output.trimmingCharacters(in: .newlines)
    let server = try RunningServer(
      serving: directory("channel"), "--mount", "/pkg", "--tokens", tokens, "--require-token",
      "--metrics-port", "0")
    #expect(await server.says("/-/metrics\n"))
    let line = try #require(server.errors.firstMatch(of: /metrics at (http:.*)/))
    let file = server.url + "noarch/repodata.json"
    #expect(try await Curl.get(file, "--user", "x:\(secret)").status == 200)
    #expect(try await Curl.get(file).status == 401)
    #expect(
      try await Curl.get(server.url + "../x", "--user", "x:\(secret)").status == 403
    )

    let text = try await Curl.get(String(line.output.1)).body
    let metrics = try PrometheusText(text)
    #expect(try metrics.value("channel_identity_reads_total", "identity=\"ci\"") == 1)
    #expect(try metrics.value("channel_identity_refusals_total", "identity=\"ci\"") == 1)
    #expect(try metrics.value("channel_unidentified_refusals_total", "no_credentials") == 1)
    #expect(!text.contains(secret.suffix(36)))
  }

  @Test func `a package that is not what a client expects is told and counted`() async throws {
    let server = try RunningServer(serving: directory("channel"))
    let digest = sha256(of: try directory("channel/noarch/\(file)").readBytes())
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let url = server.url + "noarch/\(file)"
    for expected in [digest, String(digest.reversed())] {
      _ = try await Curl.get(url, "--header", "X-Expected-SHA256: \(expected)")
    }
    #expect(await server.says("the index says \(digest.prefix(16))"))
    #expect(server.errors.contains("noarch/\(file): a client expects"))
    // Each is looked at beside the requests, some time after its answer.
    var metrics = try await metrics(server.url + "-/metrics")
    while try metrics.value("channel_expected_sha256_total", "same") < 1 {
      metrics = try await self.metrics(server.url + "-/metrics")
    }

    #expect(try metrics.value("channel_expected_sha256_total", "other") == 1)
    #expect(try metrics.value("channel_expected_sha256_total", "same") == 1)
    #expect(try metrics.value("channel_expected_sha256_total", "unknown") == 0)
  }
}
