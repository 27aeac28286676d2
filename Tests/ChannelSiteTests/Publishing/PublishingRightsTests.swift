import ChannelSite
import Support
import SystemPackage
import Testing

/// Every way to change a channel, tried by those who may not and by those who may.
@Suite struct PublishingRightsTests {
  private let package = PackageBlueprint("hello")

  /// Somebody who may not change the channel, or not in every way.
  enum Stranger: CaseIterable {
    case withoutToken, withWrongToken, withExpiredToken, withRevokedToken
    case whoMayOnlyRead, whoMayElsewhere, whoMayBelow, whoMayOnlyPublish

    static let everywhere = allCases.filter { $0 != .whoMayOnlyPublish }

    /// What they are answered: whether anybody knows them decides.
    var status: Int {
      switch self {
      case .withoutToken, .withWrongToken, .withExpiredToken, .withRevokedToken: 401
      case .whoMayOnlyRead, .whoMayElsewhere, .whoMayBelow, .whoMayOnlyPublish: 403
      }
    }

    func secret(at site: PublishingSite) throws -> String? {
      switch self {
      case .withoutToken: return nil
      case .withWrongToken: return String(site.admin.reversed())
      case .withExpiredToken: return try site.site.token("old", .admin, expires: 4000)
      case .withRevokedToken:
        let secret = try site.site.token("gone", .admin)
        try site.site.tokens.revoke(name: "gone")
        site.site.identities.reread()
        return secret
      case .whoMayOnlyRead: return site.reader
      case .whoMayElsewhere: return site.elsewhere
      case .whoMayBelow: return try site.site.token("below", .admin, "/c/label")
      case .whoMayOnlyPublish: return site.publisher
      }
    }
  }

  private static let closed =
    PublishingRoute.allCases.flatMap { route in Stranger.everywhere.map { (route, $0) } }
    + PublishingRoute.withdrawals.map { ($0, .whoMayOnlyPublish) }

  /// A channel in which the route would change something.
  private func site(for route: PublishingRoute) throws -> PublishingSite {
    let site = try PublishingSite { 5000 }
    if !route.isUpload { try site.put(package) }
    if route == .unyank {
      try site.take(.yank, package.condaFileName, as: site.admin)
      #expect(try site.listed().isEmpty)
    }
    return site
  }

  @Test(arguments: closed)
  func `no route is open to those who may not, and nothing of what they send is read`(
    _ route: PublishingRoute, _ stranger: Stranger
  ) throws {
    let site = try site(for: route)
    let secret = try stranger.secret(at: site)
    let before = try (site.listed(), site.packages)
    // The body never comes, so whoever waits for it does not answer.
    let client = try site.begin(
      route, package.condaFileName, .length, announcing: route.isUpload ? 100_000 : 0, as: secret)
    #expect(try client.response().status == stranger.status)
    let whole = try site.take(route, package.condaFileName, try package.conda(), as: secret)
    #expect(whole.status == stranger.status)
    #expect(try (site.listed(), site.packages) == before)
    #expect(try site.leftovers.isEmpty)
  }

  @Test(arguments: PublishingRoute.allCases)
  func `every route is open to those who may`(_ route: PublishingRoute) throws {
    let site = try site(for: route)
    let secret = route.isUpload ? site.publisher : site.admin
    let response = try site.take(route, package.condaFileName, try package.conda(), as: secret)
    #expect(response.status == (route.isUpload ? 201 : 200))
    let isListed = route.isUpload || route == .unyank
    #expect(try site.listed() == (isListed ? ["hello-1.0-0.conda"] : []))
  }

  @Test func `a token for a channel below opens that, and no other`() throws {
    let site = try PublishingSite()
    for subdir in ["noarch", "label/noarch"] {
      try site.root.appending(subdir).createDirectories()
    }
    let below = try site.site.token("below", .publish, "/c/label")
    let bytes = try package.conda()
    let target = "noarch/hello-1.0-0.conda"
    #expect(try site.send("PUT", "/c/\(target)", bytes, as: below).status == 403)
    #expect(try site.send("PUT", "/c/label/\(target)", bytes, as: below).status == 201)
  }
}
