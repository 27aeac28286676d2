import ChannelCore
import Support
import SystemPackage
import Testing

/// A channel on a disk that becomes full while packages arrive, by every route that takes one.
@Suite(.enabled(if: TinyFileSystem.isAvailable, "needs the right to mount file systems"))
struct FullDiskTests {
  private static let routes = PublishingRoute.uploads
  private static let ways = routes.flatMap { route in Framing.allCases.map { (route, $0) } }

  // What is announced is compared with what is free, what is not is written until nothing is.
  @Test(arguments: ways)
  func `a package for which there is no room is refused, and nothing of it is left`(
    _ route: PublishingRoute, _ framing: Framing
  ) throws {
    let site = try PublishingSite(disk: try TinyFileSystem(kilobytes: 1024))
    try site.put(PackageBlueprint("first"))
    let name = "large-1.0-0.conda"
    let body = route.body(name, [UInt8](repeating: 7, count: 2 << 20))
    let client = try site.begin(
      route, name, framing, announcing: body.count, as: site.publisher)
    // A server that refuses may close before it has read all.
    try? client.send(framing.piece(body) + framing.end)
    #expect(try client.response().status == 507)
    while try !site.leftovers.isEmpty {}
    #expect(try site.packages == ["noarch/first-1.0-0.conda"])
    #expect(try site.put(PackageBlueprint("small")).status == 201)
  }

  @Test(arguments: routes)
  func `a disk that becomes full at any step of a publication harms nobody`(
    _ route: PublishingRoute
  ) throws {
    let disk = try TinyFileSystem(kilobytes: 1024)
    let site = try PublishingSite(disk: disk)
    try site.put(PackageBlueprint("first"))
    var published = ["first-1.0-0.conda"]
    var failures = 0
    for pages in 0..<200 {
      let package = PackageBlueprint("p\(pages)")
      let name = package.condaFileName
      let filling = disk.path.appending("filling")
      // So much is left, and no more.
      try disk.path.appending("left").write([UInt8](repeating: 0, count: pages * 4096))
      try filling.fillDisk()
      try disk.path.appending("left").removeRecursively()
      let status = try send(package, by: route, to: site)
      #expect([201, 507].contains(status), "\(status) with \(pages) pages left")
      // One that is answered 507 may be listed already: what came after that found no room.
      let listed = try Set(site.listed())
      #expect(listed.subtracting([name]) == Set(published), "\(pages) pages left")
      #expect(listed.contains(name) || status == 507)
      for name in listed { #expect(try site.site.status("/c/noarch/\(name)") == 200, "\(name)") }
      while try !site.leftovers.isEmpty {}
      try filling.removeRecursively()
      // Once there is room, whoever sends it again is done.
      let again = try send(package, by: route, to: site)
      #expect(again == 200 || again == 201 && status == 507, "\(again) with \(pages) pages left")
      published.append(name)
      #expect(try site.listed().sorted() == published.sorted())
      #expect(try unfinished(site).isEmpty)
      let report = try ChannelInspector(channel: site.root).inspect()
      #expect(report.findings.isEmpty && report.failures.isEmpty, "\(report.findings)")
      if status == 201 { break }
      failures += 1
    }
    #expect(failures > 3)
    #expect(failures < 200, "it never had room enough")
  }

  /// Chunked, so that nobody knows beforehand that there is no room.
  private func send(
    _ package: PackageBlueprint, by route: PublishingRoute, to site: PublishingSite
  ) throws -> Int {
    let name = package.condaFileName
    let bytes = try package.conda()
    let body =
      route == .form ? Form.body(name: name, bytes, attestation: "{}") : route.body(name, bytes)
    let client = try site.begin(route, name, .chunked, announcing: 0, as: site.publisher)
    try? client.send(Framing.chunked.piece(body) + Framing.chunked.end)
    return try client.response().status
  }

  /// Temporary files anywhere in the channel.
  private func unfinished(_ site: PublishingSite) throws -> [String] {
    try ["", "noarch", ".channel", "noarch/shards"].flatMap { folder in
      try site.root.appending(folder).entryNames().filter { $0.contains("-tmp-") }
    }
  }
}
