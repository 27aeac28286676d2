import ChannelCore
import ChannelHTTP
import ChannelSite
import Support
import SystemPackage
import Testing

/// Forms as prefix.dev's clients send them.
enum Form {
  static let mediaType = "multipart/form-data; boundary=----b0undary"

  static func body(
    name: String, _ bytes: [UInt8], sha256: String? = nil, attestation: String? = nil
  ) -> [UInt8] {
    var head = "------b0undary\r\nContent-Disposition: form-data; name=\"file\"\r\n"
    head += "x-file-name: \(name)\r\n"
    if let sha256 { head += "x-file-sha256: \(sha256)\r\n" }
    var tail = "\r\n"
    if let attestation {
      tail += "------b0undary\r\nContent-Disposition: form-data; name=\"attestation\"\r\n\r\n"
      tail += attestation + "\r\n"
    }
    return Array((head + "\r\n").utf8) + bytes + Array((tail + "------b0undary--\r\n").utf8)
  }
}

@Suite struct FormTests {
  private let package = PackageBlueprint("hello")
  private let fields = ["Content-Type: \(Form.mediaType)"]

  private func send(_ body: [UInt8], to site: PublishingSite) throws -> HTTPClient.Response {
    try site.send("POST", "/api/v1/upload/c", body, as: site.publisher, fields)
  }

  @Test(arguments: [1, 2, 7, 45, 64, 1000])
  func `a form that arrives in pieces is the same form`(_ size: Int) throws {
    let site = try PublishingSite()
    let body = Form.body(name: package.condaFileName, try package.conda())
    let client = try HTTPClient(port: site.site.server.port)
    try client.send(
      "POST /api/v1/upload/c HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(site.publisher)\r\n"
        + "\(fields[0])\r\nTransfer-Encoding: chunked\r\n\r\n")
    var rest = body[...]
    while !rest.isEmpty {
      let piece = rest.prefix(size)
      rest = rest.dropFirst(size)
      try client.send(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [0x0D, 0x0A])
    }
    try client.send("0\r\n\r\n")
    #expect(try client.response().status == 201)
    #expect(try site.site.request("/c/noarch/hello-1.0-0.conda").body == package.conda())
  }

  @Test func `a delimiter that only begins like one is content`() throws {
    let site = try PublishingSite()
    let bytes = Array("\r\n------b0undar\r\n----\r\r\n------b0undary".utf8.dropLast()) + [0x0D]
    let form = Form.body(
      name: package.condaFileName, bytes, sha256: Digest.sha256(of: bytes).description)
    let response = try send(form, to: site)
    // All of it has arrived, and is no package.
    #expect(response.status == 422)
    #expect(try JSONReader.value(in: response.body).object?["code"]?.string == "damaged")
  }

  @Test func `an attestation is published with the package`() throws {
    let site = try PublishingSite()
    let form = Form.body(
      name: package.condaFileName, try package.conda(), attestation: #"{"a":1}"#)
    #expect(try send(form, to: site).status == 201)
    let sigs = site.root.appending("noarch/hello-1.0-0.conda.sigs")
    #expect(try sigs.readText() == #"[{"a":1}]"#)
    let repodata = try site.site.request("/c/noarch/repodata.json").text
    #expect(repodata.contains("attestations_sha256"))
    // Somebody else's word for the same bytes does not take its place.
    let other = Form.body(
      name: package.condaFileName, try package.conda(), attestation: #"{"b":1}"#)
    #expect(try send(other, to: site).status == 200)
    #expect(try sigs.readText() == #"[{"a":1}]"#)
  }

  @Test(arguments: ["", "[]", "1", "{"])
  func `an attestation that is none keeps the package out`(_ text: String) throws {
    let site = try PublishingSite()
    let form = Form.body(name: package.condaFileName, try package.conda(), attestation: text)
    #expect(try send(form, to: site).status == 422)
    #expect(try site.packages.isEmpty)
  }

  @Test func `a digest in the form is held against what arrives`() throws {
    let site = try PublishingSite()
    let form = Form.body(
      name: package.condaFileName, try package.conda(), sha256: String(repeating: "0", count: 64))
    #expect(try send(form, to: site).status == 422)
    #expect(try site.packages.isEmpty)
  }

  @Test(arguments: [
    "../hello-1.0-0.conda", "/hello-1.0-0.conda", ".hello-1.0-0.conda", "noarch/hello-1.0-0.conda",
    "hello.conda", "",
  ])
  func `a name in a form leads nowhere else`(_ name: String) throws {
    let site = try PublishingSite()
    let status = try send(Form.body(name: name, try package.conda()), to: site).status
    #expect((400...422).contains(status))
    #expect(try site.packages.isEmpty)
    #expect(try site.leftovers.isEmpty)
  }

  @Test(arguments: [
    "", "hello", "------b0undary--\r\n", "------b0undary\r\n\r\n",
    "------b0undary\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n------b0undary--",
    "------b0undaryX\r\n\r\nx\r\n------b0undary--",
  ])
  func `a body that is no form with a file is refused`(_ body: String) throws {
    let site = try PublishingSite()
    #expect(try send(Array(body.utf8), to: site).status == 400)
  }

  @Test func `a form that is cut short is no package`() throws {
    let site = try PublishingSite()
    let whole = Form.body(name: package.condaFileName, try package.conda())
    for end in [whole.count - 4, whole.count - 20, whole.count / 2, 30] {
      #expect(try send(Array(whole[..<end]), to: site).status == 400)
    }
    #expect(try site.packages.isEmpty)
    #expect(try site.leftovers.isEmpty)
  }

  @Test func `a form of another kind is refused before it is read`() throws {
    let site = try PublishingSite()
    let response = try site.send(
      "POST", "/api/v1/upload/c", [1], as: site.publisher, ["Content-Type: application/json"])
    #expect(response.status == 415)
  }
}
