import ChannelSystem
import Dispatch
import Support
import Synchronization
import SystemPackage
import Testing

@testable import ChannelHTTP

@Suite struct ListingReaderTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
  }

  private func reader() throws -> ListingReader {
    let resolver = try PathResolver(root: folder.path)
    return try ListingReader(
      of: Descriptor(opening: folder.path.appending("d"), options: .directory),
      called: Array("d".utf8), beneath: resolver)
  }

  private static func names(of found: ListingReader.Found) -> [String] {
    var listing = found.listing
    listing.sort(by: .name)
    return listing.entries.map { String(decoding: listing.name(of: $0), as: UTF8.self) }
  }

  @Test(arguments: [1, 4]) func `several threads find what one would`(_ count: Int) throws {
    let names = (0..<600).map { "package-\($0)-1.0-0.conda" }
    for name in names { try folder.write(name, to: "d/\(name)") }
    for index in 0..<40 {
      try folder.link("d/link-\(index)", to: "package-\(index)-1.0-0.conda")
      try folder.write([], to: "d/.hidden-\(index)")
      try folder.link("d/lost-\(index)", to: "nowhere")
    }
    let reader = try reader()
    let results = Mutex<[ListingReader.Found]>([])
    DispatchQueue.concurrentPerform(iterations: count) { _ in
      // Whoever comes when all is done gets nothing.
      for _ in 0..<2 {
        if let found = try? reader.read() { results.withLock { $0.append(found) } }
      }
    }
    let all = results.withLock { $0 }

    try #require(all.count == 1)
    #expect(Self.names(of: all[0]) == (names + (0..<40).map { "link-\($0)" }).sorted())
    #expect(all[0].tellsOfOthers)
  }

  @Test func `what one has begun another finishes`() throws {
    for index in 0..<300 { try folder.write([], to: "d/\(index)") }
    let reader = try reader()

    #expect(try reader.read(atMost: 100) == nil)
    #expect(try reader.read(atMost: 200) == nil, "whether there is more, nobody has seen yet")
    let found = try #require(try reader.read(atMost: 1))
    #expect(Self.names(of: found) == (0..<300).map(String.init).sorted())
    #expect(!found.tellsOfOthers)
  }

  @Test func `directories below have times of their own`() throws {
    try folder.makeFolder("d/e")

    #expect(try reader().read()?.tellsOfOthers == true)
  }
}
