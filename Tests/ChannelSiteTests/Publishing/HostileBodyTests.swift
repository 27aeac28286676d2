import ChannelCore
import ChannelHTTP
import ChannelSite
import Support
import SystemPackage
import Testing

/// Bodies that are not what was announced, by every route that takes a package.
@Suite struct HostileBodyTests {
  private let package = PackageBlueprint("hello")

  private static let routes = PublishingRoute.uploads
  private static let ways = routes.flatMap { route in Framing.allCases.map { (route, $0) } }

  /// A client that has sent the first half of a package, of which the server has taken some or has
  /// had enough.
  private func halfSent(
    to site: PublishingSite, _ route: PublishingRoute, _ framing: Framing
  ) throws -> HTTPClient {
    let body = route.body(package.condaFileName, try package.conda())
    let client = try site.begin(
      route, package.condaFileName, framing, announcing: body.count, as: site.publisher)
    try client.send(framing.piece(body.prefix(body.count / 2)))
    while try site.leftovers.isEmpty, try !client.waitsForInput(milliseconds: 1) {}
    return client
  }

  /// Waits until it is noted that an upload was broken off which had begun.
  private func waitUntilBrokenOff(at site: PublishingSite) throws {
    while try !site.audit.exists || !site.audit.readText().contains("\"broken-off\"") {}
  }

  /// Waits until nothing is left of an upload, and expects that nobody was let in.
  private func expectNothing(of site: PublishingSite) throws {
    while try !site.leftovers.isEmpty {}
    #expect(try site.packages.isEmpty)
    #expect(try site.listed().isEmpty)
    #expect(site.publishers.generationCount == 0)
  }

  @Test(arguments: ways)
  func `a body that is broken off leaves nothing`(
    _ route: PublishingRoute, _ framing: Framing
  ) throws {
    let site = try PublishingSite()
    do { _ = try halfSent(to: site, route, framing) }
    try waitUntilBrokenOff(at: site)
    try expectNothing(of: site)
  }

  @Test(arguments: ways)
  func `a body that is shorter than announced leaves nothing`(
    _ route: PublishingRoute, _ framing: Framing
  ) throws {
    let site = try PublishingSite()
    let client = try halfSent(to: site, route, framing)
    client.finishSending()
    _ = try client.readToEnd()
    try waitUntilBrokenOff(at: site)
    try expectNothing(of: site)
  }

  @Test(arguments: routes)
  func `a body that is longer than announced is no package`(_ route: PublishingRoute) throws {
    let site = try PublishingSite()
    let body = route.body(package.condaFileName, try package.conda())
    let client = try site.begin(
      route, package.condaFileName, .length, announcing: body.count - 10, as: site.publisher)
    try client.send(body)
    #expect(try client.response().status == (route == .form ? 400 : 422))
    try expectNothing(of: site)
  }

  @Test(arguments: routes)
  func `a chunk that is longer than announced is no package`(_ route: PublishingRoute) throws {
    let site = try PublishingSite()
    let client = try halfSent(to: site, route, .chunked)
    try client.send("5\r\nhello, world\r\n")
    #expect(try client.response().status == 400)
    try expectNothing(of: site)
  }

  @Test(arguments: ways)
  func `a body that trickles in is ended, and nothing of it is left`(
    _ route: PublishingRoute, _ framing: Framing
  ) throws {
    let site = try PublishingSite(time: { 0 }) { configuration in
      configuration.limits.bodyTimeout = .milliseconds(300)
      // More than anybody sends, so that it does not matter how fast this machine is.
      configuration.limits.minimumRate = 1 << 40
    }
    let client = try halfSent(to: site, route, framing)
    // Less than is still due, so that it is never complete.
    var due = 100
    while try !client.waitsForInput(milliseconds: 1) {
      if due > 0 { try client.send(framing.piece([0])) }
      due -= 1
    }
    #expect(try client.response().status == 408)
    try waitUntilBrokenOff(at: site)
    try expectNothing(of: site)
  }

  @Test(arguments: ways)
  func `a body beyond the largest is refused, and nothing of it is left`(
    _ route: PublishingRoute, _ framing: Framing
  ) throws {
    var limits = Publishing.Limits()
    limits.upload = 100
    let site = try PublishingSite(limits: limits)
    let body = route.body(
      package.condaFileName, [UInt8](repeating: 0, count: 4 << 20))
    let client = try site.begin(
      route, package.condaFileName, framing, announcing: body.count, as: site.publisher)
    try? client.send(framing.piece(body) + framing.end)
    #expect(try client.response().status == 413)
    try expectNothing(of: site)
  }

  // MARK: Packages that unpack to more than anybody asked for

  /// What a bomb unpacks to, and where.
  enum Bomb: CaseIterable {
    case recordOfConda, recordOfTarBz2, infoOfConda

    var format: String { self == .recordOfTarBz2 ? ".tar.bz2" : ".conda" }

    /// A few kilobytes that unpack to more than is put up with.
    func bytes() throws -> [UInt8] {
      var package = PackageBlueprint("hello")
      switch self {
      case .recordOfConda, .recordOfTarBz2:
        let record = #"{"name":"hello"}"# + String(repeating: " ", count: 2 << 20)
        package.extraInfo = [ArchiveMember("info/index.json", text: record)]
        return self == .recordOfConda ? try package.conda() : try package.tarBz2()
      case .infoOfConda:
        return try package.condaBomb(mebibytes: 600)
      }
    }
  }

  @Test(arguments: routes.flatMap { route in Bomb.allCases.map { (route, $0) } })
  func `a package that unpacks beyond all bounds is refused with the reason`(
    _ route: PublishingRoute, _ bomb: Bomb
  ) throws {
    let site = try PublishingSite()
    let bytes = try bomb.bytes()
    #expect(bytes.count < 64 << 10)
    let response = try site.take(route, "hello-1.0-0\(bomb.format)", bytes, as: site.publisher)
    #expect(response.status == 422)
    let answer = try JSONReader.value(in: response.body).object
    #expect(answer?["code"]?.string == "limit-exceeded")
    #expect(answer?["error"]?.string?.contains("bytes") == true)
    #expect(try site.packages.isEmpty)
    #expect(try site.listed().isEmpty)
    #expect(try site.leftovers.isEmpty)
  }
}
