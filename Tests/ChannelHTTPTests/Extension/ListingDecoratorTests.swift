import ChannelHTTP
import Dispatch
import Support
import Synchronization
import Testing

@Suite struct ListingDecoratorTests {
  private final class Calls: Sendable {
    let count = Atomic<Int>(0)
    let begun = DispatchSemaphore(value: 0)
    let gate = DispatchSemaphore(value: 0)
  }

  private static func text(_ listing: DirectoryListing) -> [UInt8] {
    let names = listing.entries.map { entry in
      String(decoding: entry.name, as: UTF8.self) + (entry.isDirectory ? "/" : ":\(entry.size)")
    }
    let path = String(decoding: listing.path, as: UTF8.self)
    return Array("\(path) \(listing.order) \(names.joined(separator: " "))".utf8)
  }

  @Test func `the embedder makes the page from what the directory holds`() throws {
    let site = try Site { $0.mounts[0].listingDecorator = ListingDecorator(Self.text) }
    try site.folder.write("abc", to: "sub/large")
    try site.folder.write("a", to: "sub/small")
    try site.folder.write("a", to: "sub/.hidden")
    try site.folder.makeFolder("sub/folder")
    let response = try site.request("/sub/?sort=size&order=desc")

    #expect(response.text == "sub size folder/ large:3 small:1")
    #expect(response["content-type"] == "text/html; charset=utf-8")
    let tag = try #require(response["etag"])
    #expect(
      try site.request("/sub/?sort=size&order=desc", ["If-None-Match: \(tag)"]).status == 304)
  }

  @Test func `what it leaves to the server, and JSON, is as without it`() throws {
    let site = try Site {
      $0.mounts[0].listingDecorator = ListingDecorator { $0.path.isEmpty ? nil : Self.text($0) }
    }
    try site.folder.write("a", to: "sub/f")

    #expect(try site.request("/").text.contains("<!DOCTYPE html>"))
    #expect(try site.request("/sub/?format=json").text.contains("\"name\":\"f\""))
  }

  @Test func `requests for a page in the making share it, and hold nobody up`() throws {
    let calls = Calls()
    let site = try gated(calls)
    let clients = try (0..<5).map { _ in try site.connect() }
    try clients[0].send("GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n")
    calls.begun.wait()
    for client in clients[1...] { try client.send("GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n") }
    // The loop has read those by the time that it answers this.
    for _ in 0..<10 { #expect(try site.request("/sub/f").text == "x") }
    for _ in clients { calls.gate.signal() }

    for client in clients { #expect(try client.response().text == "sub name f:1") }
    #expect(calls.count.load(ordering: .relaxed) == 1)
  }

  @Test func `whoever asks after a change sees it, though an older page is in the making`() throws {
    let calls = Calls()
    let site = try gated(calls)
    let (early, late) = try (site.connect(), site.connect())
    try early.send("GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n")
    calls.begun.wait()
    try site.folder.write("xy", to: "sub/g")
    try late.send("GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n")
    for _ in 0..<10 { #expect(try site.request("/sub/f").text == "x") }
    for _ in 0..<5 { calls.gate.signal() }

    #expect(try early.response().text == "sub name f:1")
    #expect(try late.response().text == "sub name f:1 g:2")
  }

  @Test func `a client that leaves takes nothing from those who wait with it`() throws {
    let calls = Calls()
    let site = try gated(calls)
    let other = try site.connect()
    do {
      let leaver = try site.connect()
      try leaver.send("GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n")
      calls.begun.wait()
      try other.send("GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n")
    }
    for _ in 0..<10 { #expect(try site.request("/sub/f").text == "x") }
    for _ in 0..<3 { calls.gate.signal() }
    #expect(try other.response().text == "sub name f:1")
  }

  private func gated(_ calls: Calls) throws -> Site {
    let site = try Site {
      $0.mounts[0].listingDecorator = ListingDecorator { listing in
        calls.count.add(1, ordering: .relaxed)
        calls.begun.signal()
        calls.gate.wait()
        return Self.text(listing)
      }
    }
    try site.folder.write("x", to: "sub/f")
    return site
  }
}
