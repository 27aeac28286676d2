import ChannelSystem
import Support
import SystemPackage
import Testing

@Suite struct ProcessorsTests {
  @Test func `those are counted that the kernel lets this process run on`() throws {
    let status = try FilePath("/proc/self/status").readText().split(separator: "\n")
    let mask = try #require(status.first { $0.hasPrefix("Cpus_allowed:") })
    let bits = mask.dropFirst("Cpus_allowed:".count).compactMap(\.hexDigitValue)
      .reduce(0) { $0 + $1.nonzeroBitCount }

    #expect(Processors.available == bits)
  }
}
