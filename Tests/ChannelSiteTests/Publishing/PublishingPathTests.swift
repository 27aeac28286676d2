import ChannelSite
import Support
import SystemPackage
import Testing

/// Paths and names that mean to lead where no package belongs.
@Suite struct PublishingPathTests {
  private let package = PackageBlueprint("hello")

  private static let places = [
    "/c/noarch/../../hello-1.0-0.conda", "/c/noarch/..%2f..%2fhello-1.0-0.conda",
    "/c/noarch/%2e%2e/x/hello-1.0-0.conda", "/c/noarch/.hello-1.0-0.conda",
    "/c/noarch/hello-1.0-0.conda%00", "/c/noarch/hello%00-1.0-0.conda",
    "/c/noarch/hello-1.0-0.conda/", "/c/noarch/a/hello-1.0-0.conda", "/c/hello-1.0-0.conda",
    "/c/.channel/hello-1.0-0.conda", "/c/NOARCH/hello-1.0-0.conda", "/c/noarch/hello.conda",
    "/c/noarch/hello-1.0-0.zip", "/c/noarch/repodata.json", "/c/noarch/-.conda", "/c/", "/c",
    "/c/noarch/noarch/hello-1.0-0.conda", "/c/noarch/a%5cb-1.0-0.conda",
    "/c/noarch/%ff-1.0-0.conda", "/c/noarch/a%0ab-1.0-0.conda", "/d/noarch/hello-1.0-0.conda",
    "/c/noarch/\(String(repeating: "a", count: 230))-1.0-0.conda",
    "/c/link/noarch/hello-1.0-0.conda", "/c/../beside/noarch/hello-1.0-0.conda",
    "/c/%2e%2e/beside/noarch/hello-1.0-0.conda",
    "/c//noarch//../../beside/noarch/hello-1.0-0.conda",
  ]

  private static let uploads =
    places.map { ("PUT", $0) }
    + [
      "/api/channels/../c/upload/hello-1.0-0.conda",
      "/api/channels/c/upload/..%2fhello-1.0-0.conda",
      "/api/channels/c%2fnoarch/upload/hello-1.0-0.conda",
      "/api/channels//upload/hello-1.0-0.conda", "/api/channels/d/upload/hello-1.0-0.conda",
      "/api/channels/.channel/upload/hello-1.0-0.conda",
      "/api/channels/c/link/upload/hello-1.0-0.conda",
      "/api/channels/c/../beside/upload/hello-1.0-0.conda",
      "/api/channels/c/upload/", "/api/channels/c/upload", "/api/v1/upload/", "/api/v1/upload",
      "/api/v1/upload/..", "/api/v1/upload/../c", "/api/v1/upload/d", "/api/v1/upload/c%2f..%2f..",
      "/api/v1/upload/.channel", "/api/v1/upload/c/.channel", "/api/v1/upload/c/link",
      "/api/v1/upload/c/noarch", "/api/v1/upload/c/../beside", "/api/v1/upload/c%00",
    ].map { ("POST", $0) }

  private static let withdrawals =
    places.map { ("DELETE", $0) } + places.map { ("POST", $0 + "?action=yank") }

  /// A channel, a folder beside it and a link to that, all of which hold a package; the files that
  /// there are in all of it.
  private func site() throws -> (site: PublishingSite, files: [String]) {
    let site = try PublishingSite()
    let beside = site.root.removingLastComponent().appending("beside")
    for folder in [site.root, beside] {
      for place in ["", "noarch", "noarch/noarch", ".channel"] {
        try folder.appending(place).appending(package.condaFileName).write(try package.conda())
      }
    }
    try site.root.appending("link").createSymbolicLink(to: beside)
    return (site, try files(around: site))
  }

  private func files(around site: PublishingSite) throws -> [String] {
    func files(in folder: FilePath) throws -> [String] {
      try folder.entryNames().flatMap { name -> [String] in
        let below = (try? files(in: folder.appending(name))) ?? []
        return [name] + below.map { "\(name)/\($0)" }
      }
    }
    return try files(in: site.root.removingLastComponent())
  }

  @Test(arguments: uploads)
  func `no path leads to a place where no package belongs`(
    _ method: String, _ target: String
  ) throws {
    let (site, files) = try site()
    let isForm = target.hasPrefix("/api/v1")
    let name = "other-1.0-0.conda"
    let bytes = try PackageBlueprint("other").conda()
    // A new name, so that whatever would be let in would be seen.
    let response = try site.send(
      method, target.replacing("hello", with: "other"),
      isForm ? Form.body(name: name, bytes) : bytes, as: site.admin,
      isForm ? PublishingRoute.form.fields : [])
    #expect((400...422).contains(response.status), "\(response.status)")
    #expect(try self.files(around: site) == files)
    #expect(site.publishers.generationCount == 0)
  }

  @Test(arguments: withdrawals)
  func `no path takes out what is no package of the channel`(
    _ method: String, _ target: String
  ) throws {
    let (site, files) = try site()
    let status = try site.send(method, target, as: site.admin).status
    #expect((400...422).contains(status), "\(status)")
    #expect(try self.files(around: site) == files)
    #expect(site.publishers.generationCount == 0)
  }

  @Test func `what a link leads to is not deleted with it`() throws {
    let site = try PublishingSite()
    try site.put(package)
    let outside = site.root.removingLastComponent().appending("outside")
    try outside.write(try package.conda())
    let link = site.root.appending("noarch/link-1.0-0.conda")
    try link.createSymbolicLink(to: outside)
    let response = try site.take(.delete, "link-1.0-0.conda", as: site.admin)
    #expect(response.status == 200, "\(response.text)")
    #expect(!link.exists)
    #expect(try outside.readBytes() == package.conda())
  }
}
