import ChannelCore
import ChannelHTTP
import ChannelSite
import Dispatch
import Support
import Synchronization
import SystemPackage
import Testing

@Suite struct PublishingTests {
  private let package = PackageBlueprint("hello")

  @Test func `a package is listed once its upload is answered`() throws {
    let site = try PublishingSite()
    let response = try site.put(package)
    #expect(response.status == 201)
    #expect(try site.listed() == ["hello-1.0-0.conda"])
    let answer = try #require(try JSONReader.value(in: response.body).object)
    #expect(answer["path"]?.string == "noarch/hello-1.0-0.conda")
    #expect(answer["status"]?.string == "added")
    #expect(answer["size"]?.integer == (try package.conda().count))
    #expect(try site.site.request("/c/noarch/hello-1.0-0.conda").body == package.conda())
    #expect(try site.leftovers.isEmpty)
  }

  @Test func `the same bytes again are a success`() throws {
    let site = try PublishingSite()
    try site.put(package)
    #expect(try site.put(package).status == 200)
    #expect(try site.leftovers.isEmpty)
  }

  @Test func `other bytes give way to those who may, if they insist`() throws {
    let site = try PublishingSite()
    try site.put(package)
    let other = PackageBlueprint("hello", depends: ["a"])
    #expect(try site.put(other).status == 409)
    #expect(try site.put(other, query: "?force=true").status == 409)
    #expect(try site.put(other, as: site.admin).status == 409)
    #expect(try site.put(other, as: site.admin, query: "?force=true").status == 201)
    #expect(
      try site.site.request("/c/noarch/hello-1.0-0.conda").body == (try other.conda()))
    #expect(try site.leftovers.isEmpty)
  }

  @Test func `what was yanked can be had, and is listed again on demand`() throws {
    let (site, name) = (try PublishingSite(), package.condaFileName)
    try site.put(package)
    #expect(try site.take(.yank, name, as: site.admin).status == 200)
    #expect(try site.site.status("/c/noarch/hello-1.0-0.conda") == 200)
    let target = "/c/noarch/hello-1.0-0.conda?action=unyank"
    #expect(try site.send("POST", target, as: site.admin).status == 200)
    #expect(try site.listed() == ["hello-1.0-0.conda"])
    #expect(try site.send("POST", target, as: site.admin).status == 404)
    #expect(try site.take(.delete, name, as: site.admin).status == 200)
    #expect(try site.take(.delete, name, as: site.admin).status == 404)
  }

  @Test func `a channel below the served folder is published to`() throws {
    let site = try PublishingSite()
    try site.root.appending("label").appending("noarch").createDirectories()
    let target = "/c/label/noarch/hello-1.0-0.conda"
    #expect(try site.send("PUT", target, try package.conda(), as: site.publisher).status == 201)
    #expect(try site.site.status("/c/label/noarch/repodata.json") == 200)
    #expect(
      try site.send(
        "POST", "/api/channels/c/label/upload/hello-1.0-0.conda", try package.conda(),
        as: site.publisher
      ).status == 200)
  }

  @Test func `a folder of channels is none, and a channel may have the name of a platform to be`()
    throws
  {
    let site = try PublishingSite()
    try site.root.appending("team-a").appending("noarch").createDirectories()
    let bytes = try package.conda()
    let target = "/c/team-a/noarch/hello-1.0-0.conda"
    #expect(try site.send("PUT", target, bytes, as: site.publisher).status == 201)
    let root = "/c/noarch/hello-1.0-0.conda"
    #expect(try site.send("PUT", root, bytes, as: site.publisher).status == 404)
  }

  @Test func `a package that is for another subdir is refused`() throws {
    let site = try PublishingSite()
    let target = "/c/linux-64/hello-1.0-0.conda"
    let response = try site.send("PUT", target, try package.conda(), as: site.publisher)
    #expect(response.status == 422)
    #expect(try JSONReader.value(in: response.body).object?["code"]?.string == "subdir")
    #expect(try site.packages.isEmpty)
  }

  @Test(arguments: [[], Array("no package".utf8), Array("PK\u{3}\u{4}".utf8)])
  func `what is no package is refused, and nothing of it is left`(_ body: [UInt8]) throws {
    let site = try PublishingSite()
    let response = try site.send("PUT", "/c/noarch/a-1.0-0.conda", body, as: site.publisher)
    #expect(response.status == 422)
    #expect(try JSONReader.value(in: response.body).object?["error"]?.string?.isEmpty == false)
    #expect(try site.packages.isEmpty)
    #expect(try site.leftovers.isEmpty)
  }

  @Test func `a package under the name of another is refused even if the policy is lax`() throws {
    let site = try PublishingSite()
    try site.root.appending(".channel-index.conf").write("check = file-name=off\n")
    let target = "/c/noarch/other-1.0-0.conda"
    #expect(try site.send("PUT", target, try package.conda(), as: site.publisher).status == 422)
  }

  @Test func `a digest that is announced is held against what arrives`() throws {
    let site = try PublishingSite()
    let bytes = try package.conda()
    let right = Digest.sha256(of: bytes).description
    let wrong = String(right.reversed())
    let target = "/api/channels/c/upload/hello-1.0-0.conda?sha256="
    #expect(try site.send("POST", target + wrong, bytes, as: site.publisher).status == 422)
    #expect(try site.send("POST", target + "abc", bytes, as: site.publisher).status == 400)
    let put = "/c/noarch/hello-1.0-0.conda"
    for name in ["X-Checksum-Sha256"] {
      let fields = ["\(name): \(wrong)"]
      #expect(try site.send("PUT", put, bytes, as: site.publisher, fields).status == 422)
    }
    #expect(try site.packages.isEmpty)
    #expect(try site.send("POST", target + right, bytes, as: site.publisher).status == 201)
  }

  @Test func `reserved names are for their owners`() throws {
    let site = try PublishingSite()
    let friend = try site.site.token("friend", .publish)
    try site.root.appending(".channel-owners.conf").write(
      """
      # ours
      hello* = friend other
      nobody-* =
      """)
    #expect(try site.put(package).status == 403)
    #expect(try site.put(PackageBlueprint("nobody-x"), as: site.admin).status == 403)
    #expect(try site.put(PackageBlueprint("free")).status == 201)
    #expect(try site.put(package, as: friend).status == 201)
    let form = Form.body(name: "hello-2.0-0.conda", [1])
    #expect(
      try site.send(
        "POST", "/api/v1/upload/c", form, as: site.publisher, ["Content-Type: \(Form.mediaType)"]
      ).status == 403)
    // What cannot be read reserves everything.
    try site.root.appending(".channel-owners.conf").write("hello friend\n")
    #expect(try site.put(PackageBlueprint("free2")).status == 500)
  }

  @Test func `a package that is too large is refused`() throws {
    var limits = Publishing.Limits()
    limits.upload = 100
    let site = try PublishingSite(limits: limits)
    #expect(try site.put(package).status == 413)
    #expect(try site.packages.isEmpty)
  }

  @Test func `those who come while a generation is made share the next`() throws {
    let site = try PublishingSite()
    try site.put(package)
    let before = site.publishers.generationCount
    let lock = try LockedFile(site.root.appending(".channel/lock"))
    let statuses = Mutex<[Int]>([])
    let clients = 12
    let started = DispatchSemaphore(value: 0)
    let queue = DispatchQueue(label: "clients", attributes: .concurrent)
    let group = DispatchGroup()
    for number in 0..<clients {
      queue.async(group: group) {
        started.signal()
        let status = try? site.put(PackageBlueprint("p\(number)")).status
        statuses.withLock { $0.append(status ?? 0) }
      }
    }
    for _ in 0..<clients { started.wait() }
    // All are there, and nobody is answered before the index is published.
    while try site.leftovers.filter({ !$0.hasPrefix("change") }).count < clients {}
    #expect(statuses.withLock { $0.isEmpty })
    lock.unlock()
    group.wait()

    #expect(statuses.withLock { $0 } == Array(repeating: 201, count: clients))
    #expect(try site.listed().count == clients + 1)
    #expect(site.publishers.generationCount - before <= 3)
  }

  @Test func `what a server that was killed left behind is put right by the next`() throws {
    let site = try PublishingSite()
    try site.put(package)
    // Moved in and not indexed; the mark of the change, and an upload that was under way.
    let other = PackageBlueprint("other")
    try site.root.appending("noarch/\(other.condaFileName)").write(try other.conda())
    try site.root.appending(".channel/uploads/change-1").write("")
    try site.root.appending(".channel/uploads/123-456").write("half a package")
    #expect(try site.listed() == ["hello-1.0-0.conda"])

    site.publishing.recover()
    #expect(try site.listed() == ["hello-1.0-0.conda", "other-1.0-0.conda"])
    #expect(try site.leftovers.isEmpty)
  }

  @Test func `a publication that cannot end delays the end no longer than told`() throws {
    let site = try PublishingSite()
    try site.put(package)
    let lock = try LockedFile(site.root.appending(".channel/lock"))
    let head = "Host: a\r\nAuthorization: Bearer \(site.publisher)\r\n"
    func begin(_ package: PackageBlueprint) throws -> HTTPClient {
      let (client, bytes) = (try HTTPClient(port: site.site.server.port), try package.conda())
      let line = "PUT /c/noarch/\(package.condaFileName) HTTP/1.1\r\n"
      try client.send(Array("\(line)\(head)Content-Length: \(bytes.count)\r\n\r\n".utf8) + bytes)
      return client
    }
    let first = try begin(PackageBlueprint("first"))
    while try !site.leftovers.contains(where: { $0.hasPrefix("change") }) {}
    let second = try begin(PackageBlueprint("second"))
    while try site.leftovers.count < 3 {}
    site.site.server.stop(drainTimeout: .zero)
    site.publishers.stop(within: .zero)

    #expect(try first.isClosedByServer())
    #expect(try second.isClosedByServer())
    #expect(try site.leftovers.count == 2, "what has begun, which a next start would put right")
    // This process goes on, and so does what has begun.
    lock.unlock()
    while try !site.leftovers.isEmpty {}
    #expect(try site.packages.sorted() == ["noarch/first-1.0-0.conda", "noarch/hello-1.0-0.conda"])
  }

  @Test func `uploads under way are not swept away by another server that starts`() throws {
    let site = try PublishingSite()
    let bytes = try package.conda()
    let client = try HTTPClient(port: site.site.server.port)
    let head =
      "PUT /c/noarch/hello-1.0-0.conda HTTP/1.1\r\nHost: a\r\n"
      + "Authorization: Bearer \(site.publisher)\r\nContent-Length: \(bytes.count)\r\n\r\n"
    try client.send(Array(head.utf8) + bytes.prefix(10))
    while try site.leftovers.isEmpty {}
    site.publishing.recover()
    #expect(try site.leftovers.count == 1)
    try client.send(Array(bytes.dropFirst(10)))
    #expect(try client.response().status == 201)
  }

  @Test func `the audit log says who did what, and no secret`() throws {
    let site = try PublishingSite()
    try site.put(package)
    try site.take(.delete, package.condaFileName, as: site.publisher)
    try site.take(.put, package.condaFileName, try package.conda(), as: "wrong")
    _ = try site.send("PUT", "/t/other-wrong/c/noarch/x", as: nil)
    let text = try site.audit.readText()
    let lines = try text.split(separator: "\n").map {
      try #require(try JSONReader.value(in: Array($0.utf8)).object)
    }
    #expect(lines.map { $0["outcome"]?.string } == ["added", "forbidden", "refused", "refused"])
    #expect(lines.map { $0["user"]?.string } == ["publisher", "publisher", nil, nil])
    #expect(lines.map { $0["action"]?.string } == ["publish", "delete", "put", "put"])
    #expect(lines[0]["path"]?.string == "/c/noarch/hello-1.0-0.conda")
    #expect(lines[0]["client"]?.string == "127.0.0.1")
    #expect(lines[0]["bytes"]?.integer == (try package.conda().count))
    #expect(lines[0]["sha256"]?.string == Digest.sha256(of: try package.conda()).description)
    for secret in [site.publisher, site.admin, "wrong"] { #expect(!text.contains("\"\(secret)")) }
    #expect(!text.contains("other-wrong"))
  }
}
