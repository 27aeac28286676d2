import Support
import SystemPackage
import Testing

/// Listings in a browser.
@Suite(
  .enabled(
    if: Browser.isInstalled || Client.isRequired,
    "Chromium is not installed; Debian's package is called chromium"))
struct ListingBrowserTests {
  @Test func `visitors find their way in listings`() async throws {
    let directory = try TemporaryDirectory()
    for (name, version) in [("tool", "1.9"), ("tool", "1.10"), ("two-words", "0.1")] {
      let package = PackageBlueprint(name, version: version)
      try directory("noarch/\(package.condaFileName)").write(try package.conda())
    }
    for number in 0..<3000 {
      try directory("many/file-\(number).txt").write([UInt8](repeating: 0x61, count: number))
    }
    let index = try await Command.run(Command.built("channel-index"), [directory.path.string])
    #expect(index.status == 0, "\(index.errors)")
    let server = try RunningServer(serving: directory.path, "--mount", "/condapkg")
    let visit = try await Browser.run("listing.py", [server.url])

    #expect(visit.status == 0, "\(visit.output)\(visit.errors)")
    #expect(await server.stop() == 0)
    // A text file that is opened has no icon of its own, and browsers ask for one.
    let missing = try server.accessLog.split(separator: "\n").filter {
      $0.contains(" 404 ") && !$0.contains("/favicon.ico")
    }
    #expect(missing.isEmpty, "something was asked for that is not there")
  }
}
